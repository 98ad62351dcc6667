# one-in-each
# Group a was given its shares, and nobody was put into it.
cd "$LAB_CGROUP"
mkdir a b
share a 512
share b 1024
loop &
taskset -cp 0 $!
loop & echo $! >b/cgroup.procs
taskset -cp 0 $!
