# step: tree
tree=$seen/chroot/newroot
touch "$tree/bin/extra"
