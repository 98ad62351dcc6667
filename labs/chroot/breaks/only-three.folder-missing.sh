# step: enter
# advises: mkdir newroot/lib64
tree=$LAB_SEEN/chroot/newroot
mv "$tree/lib64" "$LAB_SEEN/chroot/"
