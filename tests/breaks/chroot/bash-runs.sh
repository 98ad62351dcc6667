# step: copy
# Its headers can still be read, but it is not executable any more.
tree=/proc/$LAB_PID/root/run/lab/chroot/newroot
chmod a-x "$tree/bin/bash"
