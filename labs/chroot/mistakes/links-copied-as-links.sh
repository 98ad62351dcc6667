# libraries-resolve
# options: --dir newroot
# cp -a copies a symbolic link as a link, and what it leads to stays outside.
programs
copy_libraries -a /bin/bash /bin/ls
