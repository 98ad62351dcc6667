# step: equal
# advises: has ended
pid=$(pgrep -P "$LAB_PID" | tail -n 1)
kill -KILL "$pid"
until grep -q "^State:.Z" "/proc/$pid/status"; do sleep 0.01; done
