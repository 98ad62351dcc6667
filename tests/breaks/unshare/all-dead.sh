# step: kill
# Another process under the number of one that died: the kernel counts on from ns_last_pid. The
# numbers are in the sources: /proc/PID/stat.
for source in $LAB_SOURCES; do
    pid=${source#/proc/}
    pid=${pid%%/*}
    for _ in {1..20}; do
        echo $((pid - 1)) >/proc/sys/kernel/ns_last_pid
        sleep 2 >/dev/null 2>&1 &
        [[ $! == "$pid" ]] && exit
    done
done
echo "no process got one of the numbers in $LAB_SOURCES" >&2
exit 1
