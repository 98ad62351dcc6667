# nothing
# The machine's own root under another name is no new one.
mkdir newroot
mount --rbind / newroot
stay chroot newroot /bin/bash -c 'read -r'
