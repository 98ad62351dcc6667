# step: whiteout
cd "/proc/$LAB_PID/root/run/lab/overlay" || exit
rm container/b
