# pass
# A second tree that shares its files with the first, and nothing with the machine.
tree
cp -rl newroot second
stay chroot second /bin/bash -c 'read -r'
