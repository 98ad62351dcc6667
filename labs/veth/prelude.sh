# shellcheck shell=bash
# The two namespaces; cable LEFT RIGHT: the pair with its addresses, up.
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

# The names that a standing lab has given are in its mount namespace.
if [[ -n ${LAB_PID:-} ]]; then
    ip() { enter "$LAB_PID" --mount ip "$@"; }
fi
