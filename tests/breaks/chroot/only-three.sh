# step: enter
tree=$seen/chroot/newroot
mkdir "$tree/etc"
