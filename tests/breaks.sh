# shellcheck shell=bash
# shellcheck disable=SC2034 # LAB_SEEN is for the scripts
# What the scripts in tests/breaks rest on. They get LAB_PID, the lab's pid; LAB_STATE, its state folder;
# LAB_SOURCES, where the step's findings were seen; LAB_ENTER, options that lead to its user namespace.

# enter PID NAMESPACES… COMMAND…: in namespaces of a process.
enter() {
    local pid=$1 options
    shift
    read -ra options <<<"$LAB_ENTER"
    nsenter --target "$pid" "${options[@]}" "$@"
}

# The lab's folder, as the lab sees it.
LAB_SEEN=/proc/$LAB_PID/root$LAB_STATE

# The names of lab veth are in its mount namespace.
ip() { enter "$LAB_PID" --mount ip "$@"; }
