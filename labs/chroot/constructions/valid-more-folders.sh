# remark only-three
# Folders for what a system has: proc for ps, etc for a name.
tree
mkdir newroot/{proc,etc,root,tmp}
echo 'root:x:0:0::/root:/bin/bash' >newroot/etc/passwd
stay chroot newroot /bin/bash -c 'read -r'
