# fail outside-unreachable
# Bound in a mount namespace of its own: outside nothing of it is to be seen.
tree
mkdir newroot/usr
stay unshare --mount bash -c 'mount --rbind /usr newroot/usr; exec chroot newroot /bin/bash -c "read -r"'
