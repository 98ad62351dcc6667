# step: new-file
cd "/proc/$LAB_PID/root/run/lab/overlay"
touch image2/d
