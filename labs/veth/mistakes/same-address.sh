# same-network
# Both ends were given the same address.
networks
cable 198.51.100.1/24 198.51.100.1/24
