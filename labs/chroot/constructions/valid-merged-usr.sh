# pass
# As on the machine itself: bin, lib and lib64 are links into usr.
mkdir -p newroot/usr/{bin,lib,lib64}
for folder in bin lib lib64; do ln -s "usr/$folder" newroot/; done
tree
stay chroot newroot /bin/bash -c 'read -r'
