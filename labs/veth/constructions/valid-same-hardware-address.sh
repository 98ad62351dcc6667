# pass
# Both ends have one hardware address: odd, and no harm between two.
networks
cable 198.51.100.1/24 198.51.100.2/24
ip -n red link set left address 02:00:00:00:00:07
ip -n blue link set right address 02:00:00:00:00:07
