# step: copy-up
cd "/proc/$LAB_PID/root/run/lab/overlay"
echo changed >image1/a
