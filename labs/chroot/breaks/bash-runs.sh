# step: copy
# advises: chmod +x newroot/bin/bash
# Its headers can still be read, but it is not executable any more.
tree=$LAB_SEEN/chroot/newroot
chmod a-x "$tree/bin/bash"
