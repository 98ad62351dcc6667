# step: mount
# A whiteout in the upper of the two images.
cd "/proc/$LAB_PID/root/run/lab/overlay" || exit
mknod image2/a c 0 0
