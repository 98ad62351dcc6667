# one-in-each
# The process in a sleeps: who wants nothing gets nothing, and b has the processor to itself.
cd "$LAB_CGROUP"
mkdir a b
share a 512
share b 1024
sleep 1000 & echo $! >a/cgroup.procs
taskset -cp 0 $!
loop & echo $! >b/cgroup.procs
taskset -cp 0 $!
