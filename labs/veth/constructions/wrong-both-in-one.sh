# fail peers-fit
networks
ip -n blue link add left type veth peer name right
ip -n blue address add 10.0.0.1/24 dev left
ip -n blue address add 10.0.0.2/24 dev right
ip -n blue link set left up
ip -n blue link set right up
