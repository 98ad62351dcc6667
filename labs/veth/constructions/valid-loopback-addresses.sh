# pass
# As routers have them: the addresses are on lo, and routes lead to them over the cable.
networks
cable 169.254.0.1/30 169.254.0.2/30
ip -n red link set lo up
ip -n blue link set lo up
ip -n red address add 10.0.0.1/32 dev lo
ip -n blue address add 10.0.0.2/32 dev lo
ip -n red route add 10.0.0.2 via 169.254.0.2
ip -n blue route add 10.0.0.1 via 169.254.0.1
