# only-three
# Whatever might be of use was copied with its libraries, but for date.
tree
for program in cat chmod chown cp dd df ln mkdir mv rm rmdir touch; do
    cp "/bin/$program" newroot/bin/
    copy_libraries "/bin/$program"
done
stay chroot newroot /bin/bash -c 'read -r'
