# step: programs
# advises: chmod +x newroot/bin/bash
tree=$LAB_SEEN/chroot/newroot
chmod a-x "$tree/bin/bash"
