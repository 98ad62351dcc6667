# step: programs
tree=$LAB_SEEN/chroot/newroot
cp -L /lib64/ld-linux-*.so.2 "$tree/lib64/" 2>/dev/null || cp -L /lib/ld-linux-*.so.1 "$tree/lib/"
