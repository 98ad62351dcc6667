# step: copy
# A library that only ls needs.
tree=$seen/chroot/newroot
rm "$tree"/lib/*/libselinux.so.1
