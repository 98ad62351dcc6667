# pass
# A mount point of its own, as pivot_root would want it.
mkdir newroot
mount --bind newroot newroot
tree
stay chroot newroot /bin/bash -c 'read -r'
