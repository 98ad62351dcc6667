# remark outside-unreachable
# needs root: an ordinary user's /sys is not theirs to bind.
# The three binds of every page on chroot and rescue systems.
tree
mkdir newroot/{dev,proc,sys}
for folder in dev proc sys; do mount --rbind "/$folder" "newroot/$folder"; done
stay chroot newroot /bin/bash -c 'read -r'
