# fail only-three
# The new root is a folder of the host's itself, under another name.
mkdir newroot
mount --bind /usr newroot
stay chroot newroot /bin/bash -c 'read -r'
