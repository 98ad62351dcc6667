# step: enter
tree=$LAB_SEEN/chroot/newroot
touch "$tree/bin/date"
