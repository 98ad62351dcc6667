# step: second
cd "/proc/$LAB_PID/root/run/lab/overlay" || exit
echo changed >merge2/a
