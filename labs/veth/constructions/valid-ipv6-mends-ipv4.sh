# pass
# The IPv4 addresses do not fit; those of IPv6 do, and reach.
networks
cable 198.51.100.1/24 203.0.113.2/24
ip -n red address add fd00:1::1/64 dev left nodad
ip -n blue address add fd00:1::2/64 dev right nodad
