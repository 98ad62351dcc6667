# pass
# The tree is on a file system in memory.
mkdir newroot
mount -t tmpfs none newroot
tree
stay chroot newroot /bin/bash -c 'read -r'
