# step: enter
# The same directory under another name.
mv "$seen/chroot/newroot" "$seen/chroot/moved"
