# step: kill
# Another process under the number of the first: the kernel counts on from ns_last_pid.
# The number is in the source: /proc/PID/stat.
pid=${LAB_SOURCES#/proc/}
pid=${pid%%/*}
for try in {1..50}; do
    echo $((pid - 1)) >/proc/sys/kernel/ns_last_pid
    sleep 2 >/dev/null 2>&1 &
    [[ $! == "$pid" ]] && exit
done
echo "no process got the number $pid after $try tries" >&2
exit 1
