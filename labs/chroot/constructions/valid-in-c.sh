# pass
# tools: gcc
# The system calls themselves.
tree
cat >enter.c <<'END'
#include <unistd.h>
int main(void) {
    char *args[] = { "bash", "-c", "read -r", 0 };
    return chroot("newroot") || chdir("/") || execv("/bin/bash", args);
}
END
gcc -o enter enter.c
stay ./enter
