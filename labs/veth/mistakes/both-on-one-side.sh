# same-network
# Both addresses went to the left end; the right one has none.
ip netns add red
ip netns add blue
ip -n red link add left type veth peer name right netns blue
ip -n red address add 198.51.100.1/24 dev left
ip -n red address add 198.51.100.2/24 dev left
ip -n red link set left up
ip -n blue link set right up
