# pid-namespace-shared
# unshare and chroot at once.
tree
stay unshare --pid --fork chroot newroot /bin/bash -c 'read -r'
