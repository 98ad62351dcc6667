# same-network
# 198.51.100.0 and 203.0.113.0: two networks, with no router between.
ip netns add red
ip netns add blue
ip -n red link add left type veth peer name right netns blue
ip -n red address add 198.51.100.1/24 dev left
ip -n blue address add 203.0.113.2/24 dev right
ip -n red link set left up
ip -n blue link set right up
