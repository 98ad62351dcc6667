# as-promised
# A quota was left behind in b: its share is more than it may use.
cd "$LAB_CGROUP"
mkdir a b
share a 512
share b 1024
loop & echo $! >a/cgroup.procs
taskset -cp 0 $!
loop & echo $! >b/cgroup.procs
taskset -cp 0 $!
limit b 20
