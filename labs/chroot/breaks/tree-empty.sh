# step: tree
tree=$LAB_SEEN/chroot/newroot
touch "$tree/bin/extra"
