# pass
# An older bash was unshared as well, and is still there; the newer one was not.
tree
stay unshare --pid --fork chroot newroot /bin/bash -c 'read -r'
stay chroot newroot /bin/bash -c 'read -r'
