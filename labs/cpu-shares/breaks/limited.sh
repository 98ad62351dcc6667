# step: limit
# advises: > a/cpu.
for group in /sys/fs/cgroup{,/cpu,/cpu\,cpuacct}/lab-cpu-shares/a; do
    if [[ -e $group/cpu.cfs_quota_us ]]; then echo -1 >"$group/cpu.cfs_quota_us"; fi
    if [[ -e $group/cpu.max ]]; then echo max >"$group/cpu.max"; fi
done
