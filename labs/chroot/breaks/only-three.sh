# step: enter
tree=$LAB_SEEN/chroot/newroot
mkdir "$tree/etc"
