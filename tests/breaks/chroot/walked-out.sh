# step: escape
# The last child is the one that walked.
kill -KILL "$(pgrep -P "$LAB_PID" | tail -n 1)"
