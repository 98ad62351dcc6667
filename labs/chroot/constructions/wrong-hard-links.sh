# fail outside-unreachable
# needs root: to give the machine programs on a file system that has room for links.
# ln in the place of cp: the programs are the machine's own.
mkdir disk
mount -t tmpfs none disk
cp /bin/bash /bin/ls disk/
mount --bind disk/bash /bin/bash
mount --bind disk/ls /bin/ls
cd disk || exit
programs
copy_libraries /bin/bash /bin/ls
ln -f bash ls newroot/bin/
stay chroot newroot /bin/bash -c 'read -r'
