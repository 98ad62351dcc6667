# step: kill
# needs root: nobody else may choose the next number.
# Another process under the number of one that died: the kernel counts on from ns_last_pid. The
# numbers are in the sources: /proc/PID/stat.
for _ in {1..100}; do
    for source in $LAB_SOURCES; do
        pid=${source#/proc/}
        pid=${pid%%/*}
        # Somebody else's process may have been quicker, and does as well.
        ! grep -qs '^State:.[^ZX]' "/proc/$pid/status" || exit 0
        echo $((pid - 1)) >/proc/sys/kernel/ns_last_pid
        sleep 2 >/dev/null 2>&1 &
        [[ $! != "$pid" ]] || exit 0
        kill $!
    done
done
echo "no process got one of the numbers in $LAB_SOURCES" >&2
exit 1
