# pass
# /32 on both sides, with a route to the one neighbour: as Calico does it.
networks
cable 198.51.100.1/32 203.0.113.2/32
ip -n red route add 203.0.113.2 dev left
ip -n blue route add 198.51.100.1 dev right
