# pass
# The paths that `which` gives: the programs are in usr/bin, and there is no bin.
mkdir -p newroot/usr/bin newroot/lib64
cp /bin/bash /bin/ls newroot/usr/bin/
copy_libraries /bin/bash /bin/ls
stay chroot newroot /usr/bin/bash -c 'read -r'
