# fail libraries-resolve
# options: --dir newroot
# A link to the machine's folder leads, in there, to itself.
programs
rmdir newroot/lib
ln -s /lib newroot/lib
chroot newroot /bin/bash -c true || true
