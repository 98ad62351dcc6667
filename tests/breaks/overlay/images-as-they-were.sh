# step: second
cd "/proc/$LAB_PID/root/run/lab/overlay"
echo changed >merge2/a
