# step: tree
# advises: mkdir newroot/lib64
tree=$LAB_SEEN/chroot/newroot
rmdir "$tree/lib64"
