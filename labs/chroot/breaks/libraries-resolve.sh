# step: copy
# advises: /libselinux.so.1
# A library that only ls needs.
tree=$LAB_SEEN/chroot/newroot
rm "$tree"/lib/*/libselinux.so.1
