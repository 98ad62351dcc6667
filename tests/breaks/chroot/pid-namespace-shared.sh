# step: namespaces
# A process cannot be moved to another PID namespace: end it.
kill -KILL "$(pgrep -P "$LAB_PID" | head -n 1)"
