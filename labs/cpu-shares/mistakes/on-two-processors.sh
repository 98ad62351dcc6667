# one-processor
# Both were pinned, but not to the same processor.
cd "$LAB_CGROUP"
mkdir a b
share a 512
share b 1024
loop & echo $! >a/cgroup.procs
taskset -cp 0 $!
loop & echo $! >b/cgroup.procs
taskset -cp 1 $!
