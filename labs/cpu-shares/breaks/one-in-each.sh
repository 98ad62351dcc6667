# step: contest
# advises: cgroup.procs
# Back to the root of the hierarchy.
for groups in /sys/fs/cgroup{,/cpu,/cpu\,cpuacct}/lab-cpu-shares; do
    if [[ -d $groups ]]; then
        pgrep -P "$LAB_PID" | head -n 1 >"${groups%/*}/cgroup.procs"
    fi
done
