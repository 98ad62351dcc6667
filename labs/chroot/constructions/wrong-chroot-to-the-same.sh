# open root-moved
# chroot / leaves the root where it was.
tree
stay chroot / /bin/bash -c 'read -r'
