# remark only-three
# Tutorials copy something to play with, too.
tree
for program in cat mkdir rm touch; do
    cp "/bin/$program" newroot/bin/
    copy_libraries "/bin/$program"
done
stay chroot newroot /bin/bash -c 'read -r'
