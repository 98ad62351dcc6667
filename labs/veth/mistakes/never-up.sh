# ends-up
# One end was set up. A cable carries only when both are.
ip netns add red
ip netns add blue
ip -n red link add left type veth peer name right netns blue
ip -n red address add 198.51.100.1/24 dev left
ip -n blue address add 198.51.100.2/24 dev right
ip -n red link set left up
