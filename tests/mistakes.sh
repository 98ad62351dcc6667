# shellcheck shell=bash
# What the scripts in labs/*/mistakes rest on. They run in namespaces and a folder of their own.

# stay COMMAND…: in the background, waiting for a line that nobody ever writes.
mkfifo open
exec 7<>open
LAB_OPEN=$PWD/open
stay() { "$@" <"$LAB_OPEN" & }

# chroot: the folders and programs; the libraries, copied with cp's option where one is given; both.
programs() {
    mkdir -p newroot/{bin,lib,lib64}
    cp /bin/bash /bin/ls newroot/bin/
}
copy_libraries() {
    local file option=()
    [[ $1 != -* ]] || { option=("$1") && shift; }
    for file in $(ldd "$@" | grep -o '/lib[^ )]*' | sort -u); do
        mkdir -p "newroot${file%/*}"
        cp "${option[@]}" "$file" "newroot$file"
    done
}
tree() {
    programs
    copy_libraries /bin/bash /bin/ls
}

# veth: the two namespaces; cable LEFT RIGHT: the pair with its addresses, up.
networks() {
    ip netns add red
    ip netns add blue
}
cable() {
    ip -n red link add left type veth peer name right netns blue
    ip -n red address add "$1" dev left
    ip -n blue address add "$2" dev right
    ip -n red link set left up
    ip -n blue link set right up
}

# overlay: the images, an hour between them; stack LOWERS: mounts; every kind of change.
images() {
    mkdir image1 image1/dir image2 container work merge
    echo Hello, a >image1/a
    echo Hello, b >image1/b
    echo old >image1/dir/old
    echo image1 >image1/both
    touch -d '-1 hour' image1/both
    echo HEllo, c >image2/c
    echo image2 >image2/both
}
stack() {
    local marks=
    # In a user namespace the kernel's marks need attributes of another kind.
    grep -q 4294967295 /proc/self/uid_map || marks=,userxattr
    mount -t overlay overlay -o "lowerdir=$1,upperdir=container,workdir=work$marks" merge
}
change_all() {
    echo Hello, yumi >merge/a
    echo Hello, d >merge/d
    rm merge/b
    rm -r merge/dir
    mkdir merge/dir
}

# cpu-shares: groups SHARES SHARES: a and b, of 1024; busy GROUP PROCESSORS: a loop in it, or in none;
# limit GROUP PERCENT.
groups() {
    cd "$LAB_CGROUP" || exit
    mkdir a b
    share a "$1"
    share b "$2"
}
busy() {
    sh -c 'while :; do :; done' &
    [[ $1 == . ]] || echo $! >"$1/cgroup.procs"
    taskset -cp "$2" $!
}
if [[ -e $LAB_CGROUP/cpu.shares ]]; then
    share() { echo "$2" >"$1/cpu.shares"; }
    limit() { echo $(($2 * 1000)) >"$1/cpu.cfs_quota_us"; }
else
    share() { echo $(($2 * 100 / 1024)) >"$1/cpu.weight"; }
    limit() { echo "$(($2 * 1000)) 100000" >"$1/cpu.max"; }
fi
