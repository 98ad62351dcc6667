# step: enter
# advises: cp --parents --dereference
tree=$LAB_SEEN/chroot/newroot
mv "$tree/lib64" "$LAB_SEEN/chroot/"
