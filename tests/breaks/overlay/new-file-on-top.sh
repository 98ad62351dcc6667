# step: new-file
cd "/proc/$LAB_PID/root/run/lab/overlay" || exit
touch image2/d
