# step: pivot
tree=$seen/chroot/newroot
touch "$tree/bin/date"
