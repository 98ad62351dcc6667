# peers-fit
# Both ends of the cable stayed in one namespace.
networks
ip -n red link add left type veth peer name right
ip -n red address add 198.51.100.1/24 dev left
ip -n red address add 198.51.100.2/24 dev right
