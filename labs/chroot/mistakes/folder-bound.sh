# outside-unreachable
# A folder of the host was bound into the tree, to have its files at hand.
tree
mkdir newroot/share
mount --bind /usr newroot/share
stay chroot newroot /bin/bash -c 'read -r'
