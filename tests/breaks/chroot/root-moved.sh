# step: enter
# The same directory under another name.
mv "/proc/$LAB_PID/root/run/lab/chroot/newroot" "/proc/$LAB_PID/root/run/lab/chroot/moved"
