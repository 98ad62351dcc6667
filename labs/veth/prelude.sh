# shellcheck shell=bash
# networks: the two namespaces; cable LEFT RIGHT: the pair with its addresses, up.
networks() {
    ip netns add red
    ip netns add blue
}
cable() {
    local here there
    read -ra here <<<"$1"
    read -ra there <<<"$2"
    ip -n red link add left type veth peer name right netns blue
    ip -n red address add "${here[@]}" dev left
    ip -n blue address add "${there[@]}" dev right
    ip -n red link set left up
    ip -n blue link set right up
}

# switch NUMBER…: a namespace with a bridge, and a namespace h1, h2… for each number, with an end of a cable in each; plug
# NUMBER: puts the switch's end into the bridge.
switch() {
    ip netns add switch
    ip -n switch link add br0 type bridge
    ip -n switch link set br0 up
    for number; do
        ip netns add "h$number"
        ip -n switch link add "port$number" type veth peer name end netns "h$number"
        ip -n switch link set "port$number" up
        ip -n "h$number" address add "198.51.100.$number/24" dev end
        ip -n "h$number" link set end up
    done
}
plug() { ip -n switch link set "port$1" master br0; }

# The names that a standing lab has given are in its mount namespace.
if [[ -n ${LAB_PID:-} ]]; then
    ip() { enter "$LAB_PID" --mount ip "$@"; }
fi
