# one-in-each
# The process in a sleeps: who wants nothing gets nothing, and b has the processor to itself.
groups 512 1024
sleep 1000 &
echo $! >a/cgroup.procs
busy b 0
