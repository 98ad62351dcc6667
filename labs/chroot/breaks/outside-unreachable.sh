# step: enter
# advises: only bash and ls belong there
tree=$LAB_SEEN/chroot/newroot
touch "$tree/bin/date"
