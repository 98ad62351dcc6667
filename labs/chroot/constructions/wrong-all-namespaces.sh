# fail pid-namespace-shared
# A container already, where one step of it was asked for.
tree
stay unshare --pid --uts --ipc --net --mount --fork chroot newroot /bin/bash -c 'read -r'
