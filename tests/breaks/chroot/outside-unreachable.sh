# step: enter
tree=$seen/chroot/newroot
touch "$tree/bin/date"
