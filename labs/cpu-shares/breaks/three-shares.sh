# step: three
# advises: kill -CONT
kill -STOP "$(pgrep -P "$LAB_PID" | head -n 1)"
