# open root-moved
# All was right, and the bash has ended: found where the student works.
tree
chroot newroot /bin/bash -c true
