# pass
# Addresses of two networks; each side sends all that it does not know into the cable.
networks
cable 198.51.100.1/32 203.0.113.2/32
ip -n red route add default dev left
ip -n blue route add default dev right
