# fail reachable
# Somebody has typed in a hardware address that is nobody's.
networks
cable 198.51.100.1/24 198.51.100.2/24
ip -n blue neighbour add 198.51.100.1 lladdr 02:00:00:00:00:01 dev right
