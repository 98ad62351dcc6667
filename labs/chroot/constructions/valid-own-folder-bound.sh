# remark outside-unreachable
# A volume: a folder of the student's that lies beside the tree.
tree
mkdir data newroot/data
echo mine >data/file
mount --bind data newroot/data
stay chroot newroot /bin/bash -c 'read -r'
