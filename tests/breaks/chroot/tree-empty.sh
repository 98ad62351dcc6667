# step: tree
tree=/proc/$LAB_PID/root/run/lab/chroot/newroot
touch "$tree/bin/extra"
