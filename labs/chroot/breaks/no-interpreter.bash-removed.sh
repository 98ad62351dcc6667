# step: programs
# advises: cp /bin/bash newroot/bin/
tree=$LAB_SEEN/chroot/newroot
rm "$tree/bin/bash"
