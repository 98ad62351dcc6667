# fail same-network
networks
ip -n red link add left type veth peer name right netns blue
ip -n red address add 10.0.0.1/24 dev left
ip -n red link set left up
ip -n blue link set right up
