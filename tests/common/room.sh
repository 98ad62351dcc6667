#!/usr/bin/env bash
# GROUP COMMAND…: runs a command as root where nobody else is, in namespaces, a /run and control groups of its
# own. What that takes outside of the namespaces is groups called GROUP: they go, whatever ends it.
set -euo pipefail
# A process group of its own for the room: Ctrl-C is ours to act on, and nothing in there begins deaf to it.
set -m
group=$1
shift
made=()
# All of the room is on one processor.
taskset --cpu-list --pid "$LAB_TEST_PROCESSOR" $$ >/dev/null

# The hierarchies that labs, or service managers, make groups in: type, mount point, options. A container's
# may be read-only, and then labs say so themselves.
hierarchies() {
    local kind at options
    sed -nE 's/^([^ ]+ ){4}([^ ]+) .* - (cgroup2?) [^ ]+ ([^ ]+)$/\3 \2 \4/p' /proc/self/mountinfo |
        sort -u -k 2,2 | while read -r kind at options; do
        [[ $kind == cgroup2 || $options =~ (^|,)(cpu|cpuacct|name=systemd)(,|$) ]] || continue
        [[ ! -w $at/cgroup.procs ]] || echo "$kind $at $options"
    done
}

# give_cpu HIERARCHY: lets groups of the v2 hierarchy have the cpu controller, which somebody may have to enable
# for all of the machine, and then to disable again. Whoever comes holds the lock until the end, and the last
# to go disables what one of the tests has enabled.
give_cpu() {
    local control=$1/cgroup.subtree_control
    grep -qw cpu "$1/cgroup.controllers" || return 0
    exec {lock}>>"$LAB_TEST_SHARED/cpu-enabled"
    flock --shared "$lock"
    until grep -qw cpu "$control"; do
        flock "$lock"
        # Refused where processes are beside the groups, as in a container: labs say so themselves.
        { echo +cpu >"$control"; } 2>/dev/null || return 0
        echo "$control" >&"$lock"
        flock --shared "$lock"
    done
}
take_cpu() {
    [[ -n ${lock-} ]] && flock --nonblock "$lock" || return 0
    local control
    control=$(sort -u "$LAB_TEST_SHARED/cpu-enabled")
    [[ -z $control ]] || echo -cpu >"$control"
    : >"$LAB_TEST_SHARED/cpu-enabled"
}

clean_up() {
    trap '' TERM INT HUP
    # The first process of the room ends with this one (--kill-child), and all the others with that.
    [[ -z ${room-} ]] || kill -KILL "$room" 2>/dev/null || true
    local at tries
    for at in "${made[@]}"; do
        # Busy until the last process has gone.
        for tries in {1..500}; do
            find "$at" -depth -type d -exec rmdir {} + 2>/dev/null || true
            [[ -d $at ]] || continue 2
            sleep 0.02
        done
        echo "$at stays after $tries attempts" >&2
    done
    take_cpu
}
trap clean_up EXIT
trap 'exit 143' TERM INT HUP

# The groups become the roots of all that is seen from here on. Under v2 a group whose children have controllers
# takes no processes: ours go one below.
enter() {
    local at
    for at in $1; do
        [[ ! -d $at/processes ]] || echo $$ >"$at/processes/cgroup.procs"
    done
    shift
    exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc --net --ipc --uts -- "$@"
}

# The mount points of others that come and go with their owners, even here: removing one takes away what is mounted
# on it in all mount namespaces. And all control groups, which are mounted anew.
passing() {
    local at rest
    while read -r _ _ _ _ at rest; do
        case $at in
            /run/* | /tmp/* | /mnt/* | /media/* | /var/lib/*) [[ $1/ != "$at"/* && $PWD/ != "$at"/* ]] || continue ;;
            *) [[ $rest == *' - cgroup'* ]] || continue ;;
        esac
        # Spaces and such are written as octal numbers.
        printf '%b\0' "$at"
    done </proc/self/mountinfo | sort --zero-terminated --reverse
}

# In all namespaces, as the first process, which takes the status of orphans as an init does.
furnish() {
    local kind at options
    # What is below one that has gone already has gone with it.
    passing "$2" | xargs --null --no-run-if-empty --max-args 1 umount --lazy 2>/dev/null || true
    mount -t tmpfs -o mode=755 none /run
    ip link set lo up
    while read -r kind at options && [[ $kind ]]; do
        # Of a hierarchy that is there already, its name.
        options=$(tr , '\n' <<<"$options" | sed -n -e '/^cpu/p' -e 's/^name=/none,&/p' | paste -sd ,)
        mount -t "$kind" ${options:+-o "$options"} none "$at"
    done <<<"$1"
    shift
    "$@"
    exit
}

wanted=$(hierarchies)
while read -r kind at _ && [[ $kind ]]; do
    [[ $kind != cgroup2 ]] || give_cpu "$at"
    made+=("$at/$group")
    mkdir "$at/$group"
    [[ $kind != cgroup2 ]] || mkdir "$at/$group/processes"
done <<<"$wanted"
(
    for at in "${made[@]}"; do echo "$BASHPID" >"$at/cgroup.procs"; done
    exec unshare --cgroup -- bash -euc "$(declare -f enter); enter \"\$@\"" - "${made[*]}" \
        bash -euc "$(declare -f passing furnish); furnish \"\$@\"" - "$wanted" "$@"
) &
room=$!
# Otherwise the shell would tell how its job has ended.
set +m
wait "$room"
