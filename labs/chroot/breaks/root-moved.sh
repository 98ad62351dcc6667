# step: enter
# The same directory under another name.
mv "$LAB_SEEN/chroot/newroot" "$LAB_SEEN/chroot/moved"
