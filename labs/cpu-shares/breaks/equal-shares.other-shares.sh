# step: equal
# advises: holds 9000
for group in /sys/fs/cgroup{,/cpu,/cpu\,cpuacct}/lab-cpu-shares/a; do
    for file in cpu.shares cpu.weight; do
        if [[ -e $group/$file ]]; then echo 9000 >"$group/$file"; fi
    done
done
