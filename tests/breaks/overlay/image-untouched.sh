# step: copy-up
cd "/proc/$LAB_PID/root/run/lab/overlay" || exit
echo changed >image1/a
