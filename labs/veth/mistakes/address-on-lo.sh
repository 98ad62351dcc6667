# same-network
# The right end's address was given to lo, which leads nowhere.
networks
cable 198.51.100.1/24 198.51.100.2/24
ip -n blue address del 198.51.100.2/24 dev right
ip -n blue address add 198.51.100.2/24 dev lo
ip -n blue link set lo up
