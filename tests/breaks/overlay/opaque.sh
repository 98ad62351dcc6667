# step: opaque
# The same folder without the mark.
cd "/proc/$LAB_PID/root/run/lab/overlay" || exit
rmdir container/dir
mkdir container/dir
