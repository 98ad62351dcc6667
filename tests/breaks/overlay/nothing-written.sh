# step: mount
cd "/proc/$LAB_PID/root/run/lab/overlay"
touch container/stray
