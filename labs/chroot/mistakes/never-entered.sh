# root-moved
# options: --dir newroot
# The tree is complete, and bash was started outside: cd is not chroot.
tree
cd newroot || exit
stay bin/bash -c 'read -r'
