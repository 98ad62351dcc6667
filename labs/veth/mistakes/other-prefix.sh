# same-network
# /24 on one side, /32 on the other: for the right end, the left one is not on its network.
ip netns add red
ip netns add blue
ip -n red link add left type veth peer name right netns blue
ip -n red address add 198.51.100.1/24 dev left
ip -n blue address add 198.51.100.2/32 dev right
ip -n red link set left up
ip -n blue link set right up
