# fail outside-unreachable
# All of the machine, one folder further down.
tree
mkdir newroot/host
mount --rbind / newroot/host
stay chroot newroot /bin/bash -c 'read -r'
