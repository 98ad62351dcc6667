# step: whiteout
cd "/proc/$LAB_PID/root/run/lab/overlay"
rm container/b
