# libraries-resolve
# The libraries of bash went in, those of ls were forgotten.
programs
copy_libraries /bin/bash
stay chroot newroot /bin/bash -c 'read -r'
