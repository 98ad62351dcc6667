# shellcheck shell=bash
# groups SHARES SHARES: a and b, of 1024; busy GROUP PROCESSORS: a loop in it, or in none;
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
if [[ -e ${LAB_CGROUP:-}/cpu.shares ]]; then
    share() { echo "$2" >"$1/cpu.shares"; }
    limit() { echo $(($2 * 1000)) >"$1/cpu.cfs_quota_us"; }
else
    share() { echo $(($2 * 100 / 1024)) >"$1/cpu.weight"; }
    limit() { echo "$(($2 * 1000)) 100000" >"$1/cpu.max"; }
fi
# within GROUP COMMAND…: a program that starts in it, on processor 0; hold GROUP: a group that is to hold groups.
within() {
    # shellcheck disable=SC2016 # that shell's own
    bash -c 'echo $$ >"$0/cgroup.procs"; exec taskset -c 0 "$@"' "$@" &
}
hold() {
    mkdir "$1"
    if [[ -e $1/cgroup.subtree_control ]]; then echo +cpu >"$1/cgroup.subtree_control"; fi
}
