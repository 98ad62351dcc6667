# step: namespaces
# advises: has ended
# A process cannot be moved to another PID namespace: end it.
pid=$(pgrep -P "$LAB_PID" | head -n 1)
kill -KILL "$pid"
until grep -q "^State:.Z" "/proc/$pid/status"; do sleep 0.01; done
