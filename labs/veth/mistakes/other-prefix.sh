# same-network
# /24 on one side, /32 on the other: for the right end, the left one is not on its network.
networks
cable 198.51.100.1/24 198.51.100.2/32
