# reachable
# A route that throws away what goes to blue is narrower than the one over the cable.
networks
cable 198.51.100.1/24 198.51.100.2/24
ip -n red route add blackhole 198.51.100.2
