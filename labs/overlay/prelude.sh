# shellcheck shell=bash
# The layers of an image; stack LOWERS: mounts; every kind of change.
images() {
    mkdir image1 image1/dir image2 container work merge
    echo Hello, a >image1/a
    echo Hello, b >image1/b
    echo old >image1/dir/old
    echo image1 >image1/both
    echo HEllo, c >image2/c
    echo image2 >image2/both
}
stack() {
    local marks=
    # In a user namespace the kernel's marks need attributes of another kind.
    grep -q 4294967295 /proc/self/uid_map || marks=,userxattr
    mount -t overlay overlay -o "lowerdir=$1,upperdir=container,workdir=work$marks" merge
    # The clock of a file system goes in steps: what comes now comes later.
    sleep 0.05
}
change_all() {
    echo Hello, yumi >merge/a
    echo Hello, d >merge/d
    rm merge/b
    rm -r merge/dir
    mkdir merge/dir
}
