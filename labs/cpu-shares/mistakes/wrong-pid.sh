# one-in-each
# Of a pipeline $! is the last process: the two that wait went into the groups, and the loops stayed outside.
groups 512 1024
for group in a b; do
    taskset -c 0 sh -c 'while :; do :; done' | cat &
    echo $! >$group/cgroup.procs
done
