# remark only-three
# tools: busybox
# One more program that is many, date among them, and none of the host's.
tree
cp "$(command -v busybox)" newroot/bin/busybox
for name in cat date mkdir mount ps rm sh touch; do ln -s busybox "newroot/bin/$name"; done
stay chroot newroot /bin/bash -c 'read -r'
