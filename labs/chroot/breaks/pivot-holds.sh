# step: pivot
tree=$LAB_SEEN/chroot/newroot
touch "$tree/bin/date"
