# shares-differ
# Two groups as the kernel makes them: half and half.
cd "$LAB_CGROUP"
mkdir a b
loop & echo $! >a/cgroup.procs
taskset -cp 0 $!
loop & echo $! >b/cgroup.procs
taskset -cp 0 $!
