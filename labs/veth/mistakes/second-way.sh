# reachable
# red has the subnet on a bridge as well, and that route was there first.
networks
ip -n red link add br0 type bridge
ip -n red address add 198.51.100.254/24 dev br0
ip -n red link set br0 up
cable 198.51.100.1/24 198.51.100.2/24
