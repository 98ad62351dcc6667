# remark only-three
# Another system, with all its programs, date among them.
tree
mkdir newroot/etc
echo 'ID=small' >newroot/etc/os-release
echo 'root:x:0:0::/root:/bin/bash' >newroot/etc/passwd
for program in cat chmod chown cp date dd df ln mkdir mv rm rmdir; do
    cp "/bin/$program" newroot/bin/
done
stay chroot newroot /bin/bash -c 'read -r'
