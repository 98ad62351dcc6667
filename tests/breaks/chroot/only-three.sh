# step: enter
tree=/proc/$LAB_PID/root/run/lab/chroot/newroot
mkdir "$tree/etc"
