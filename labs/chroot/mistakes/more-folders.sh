# only-three
# More than was asked for: a folder proc, for ps.
tree
mkdir newroot/proc
stay chroot newroot /bin/bash -c 'read -r'
