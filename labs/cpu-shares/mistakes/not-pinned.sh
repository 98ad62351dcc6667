# one-processor
# Each worker has a processor to itself, so there is nothing to share.
cd "$LAB_CGROUP"
mkdir a b
share a 512
share b 1024
loop & echo $! >a/cgroup.procs
loop & echo $! >b/cgroup.procs
