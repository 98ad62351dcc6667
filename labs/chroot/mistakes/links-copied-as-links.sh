# libraries-resolve
# cp -d, like cp -a, copies a symbolic link as a link, and what it leads to stays outside.
programs
copy_libraries -d /bin/bash /bin/ls
