# fail ends-up
networks
ip -n red link add left type veth peer name right netns blue
ip -n red address add 10.0.0.1/24 dev left
ip -n blue address add 10.0.0.2/24 dev right
