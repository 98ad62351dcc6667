# step: half
kill -STOP "$(pgrep -P "$LAB_PID" | head -n 1)"
