# reachable
# Everything is there but the way: the route that came with the address was removed.
networks
cable 198.51.100.1/24 198.51.100.2/24
ip -n red route del 198.51.100.0/24
