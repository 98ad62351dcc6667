# fail one-processor
# Two busy processes in one group and one in the other, on two processors: one of these is not contended.
groups 512 1024
bash -c 'echo $$ >a/cgroup.procs; exec taskset -c 0,1 sh -c "yes >/dev/null & while :; do :; done"' &
busy b 0-1
