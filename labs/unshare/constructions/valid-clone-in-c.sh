# pass
# tools: gcc
# clone(2) with all flags at once, in C.
cat >clone.c <<'C'
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>
static char stack[1 << 20];
static int child(void *unused) {
    sethostname("bizarro", 7);
    mount(0, "/", 0, MS_REC | MS_PRIVATE, 0);
    mount("proc", "/proc", "proc", 0, 0);
    execlp("sleep", "sleep", "1000", (char *)0);
    return 1;
}
int main(void) {
    clone(child, stack + sizeof stack, CLONE_NEWUTS | CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, 0);
    wait(0);
    return 0;
}
C
gcc -w -o clone clone.c
stay ./clone
