# shellcheck shell=bash
# shellcheck disable=SC2034 # LAB_SEEN is for the scripts
# What the scripts of all labs rest on; each lab's own prelude.sh comes after it. A script in mistakes/ builds something in a
# folder and namespaces of its own. One in breaks/ is run beside a lab that stands, and gets LAB_PID, the lab's pid;
# LAB_STATE, its state folder; LAB_SOURCES, where the step's findings were seen; LAB_ENTER, options that lead to its user
# namespace.

if [[ -n ${LAB_PID:-} ]]; then
    # enter PID NAMESPACES… COMMAND…: in namespaces of a process.
    enter() {
        local pid=$1 options
        shift
        read -ra options <<<"$LAB_ENTER"
        nsenter --target "$pid" "${options[@]}" "$@"
    }
    # The lab's folder, as the lab sees it.
    LAB_SEEN=/proc/$LAB_PID/root$LAB_STATE
else
    # stay COMMAND…: in the background, waiting for a line that nobody ever writes.
    mkfifo open
    exec 7<>open
    LAB_OPEN=$PWD/open
    stay() { "$@" <"$LAB_OPEN" & }
fi
