# step: copy
# A library that only ls needs.
tree=$LAB_SEEN/chroot/newroot
rm "$tree"/lib/*/libselinux.so.1
