# one-in-each
# Inside one group the two get half each, whatever the groups' shares are.
cd "$LAB_CGROUP"
mkdir a b
share a 512
share b 1024
loop & echo $! >a/cgroup.procs
taskset -cp 0 $!
loop & echo $! >a/cgroup.procs
taskset -cp 0 $!
