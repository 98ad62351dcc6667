# outside-unreachable
# All programs were copied, not just the two.
tree
cp /bin/date newroot/bin/
stay chroot newroot /bin/bash -c 'read -r'
