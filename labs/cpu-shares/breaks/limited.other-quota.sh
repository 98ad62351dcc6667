# step: limit
# advises: 20000
for group in /sys/fs/cgroup{,/cpu,/cpu\,cpuacct}/lab-cpu-shares/a; do
    if [[ -e $group/cpu.cfs_quota_us ]]; then echo 50000 >"$group/cpu.cfs_quota_us"; fi
    if [[ -e $group/cpu.max ]]; then echo '50000 100000' >"$group/cpu.max"; fi
done
