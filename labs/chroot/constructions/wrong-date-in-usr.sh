# fail outside-unreachable
# bin is a link into usr, and date was copied there.
mkdir -p newroot/usr/{bin,lib,lib64}
for folder in bin lib lib64; do ln -s "usr/$folder" newroot/; done
tree
cp /bin/date newroot/usr/bin/
stay chroot newroot /bin/bash -c 'read -r'
