# pass
# One container, and the address is the bridge's: the cable's own end has none.
ip link add bridge0 type bridge
ip address add 10.0.0.1/16 dev bridge0
ip link set bridge0 up
ip netns add box
ip link add outer type veth peer name inner netns box
ip link set outer up master bridge0
ip -n box address add 10.0.0.2/16 dev inner
ip -n box link set inner up
ip -n box route add default via 10.0.0.1
