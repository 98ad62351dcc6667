# fail reachable
networks
cable 198.51.100.1/24 198.51.100.2/24
ip -n blue route add unreachable 198.51.100.0/30
