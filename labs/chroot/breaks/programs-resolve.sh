# step: libraries
# Hidden from the lab alone, in its own mount namespace.
library=$(ldd /bin/ls | grep -o '/[^ ]*/libselinux[^ ]*')
enter "$LAB_PID" --mount mount --bind /dev/null "$library"
