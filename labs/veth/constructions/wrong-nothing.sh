# nothing
# An interface in a network is no network.
ip link add br0 type bridge
