# libraries-resolve
# bash and all that it needs, and nothing to look around with.
mkdir -p newroot/{bin,lib,lib64}
cp /bin/bash newroot/bin/
copy_libraries /bin/bash
stay chroot newroot /bin/bash -c 'read -r'
