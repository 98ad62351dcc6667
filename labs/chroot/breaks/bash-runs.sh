# step: copy
# advises: chmod a+x
# Its headers can still be read, but it is not executable any more.
tree=$LAB_SEEN/chroot/newroot
chmod a-x "$tree/bin/bash"
