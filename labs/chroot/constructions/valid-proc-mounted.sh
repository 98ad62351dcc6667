# remark outside-unreachable
# What the kernel shows of itself is nobody's file.
tree
mkdir newroot/proc newroot/tmp
mount -t proc proc newroot/proc
mount -t tmpfs none newroot/tmp
stay chroot newroot /bin/bash -c 'read -r'
