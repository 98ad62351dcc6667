# step: orphan
# advises: has ended
# The last child of the first process of the namespace.
first=$(pgrep -P "$LAB_PID" | tail -n 1)
pid=$(pgrep -P "$first" | tail -n 1)
kill -KILL "$pid"
while [[ -e /proc/$pid ]]; do sleep 0.01; done
