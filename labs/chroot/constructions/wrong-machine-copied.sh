# fail only-three
# Programs by the dozen and a file that names a system do not make one.
tree
mkdir newroot/etc newroot/sbin
echo 'ID=debian' >newroot/etc/os-release
for program in cat chmod chown cp dd df ln mkdir mv rm rmdir sleep; do
    cp "/bin/$program" newroot/sbin/
done
stay chroot newroot /bin/bash -c 'read -r'
