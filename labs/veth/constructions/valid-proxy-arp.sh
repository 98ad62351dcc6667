# pass
# /32 addresses, a gateway that nobody has, and a neighbour who answers for it.
networks
cable 198.51.100.1/32 203.0.113.2/32
ip -n red route add 169.254.1.1 dev left
ip -n red route add default via 169.254.1.1
ip -n blue route add 198.51.100.1 dev right
ip netns exec blue bash -c 'echo 1 >/proc/sys/net/ipv4/conf/right/proxy_arp'
ip netns exec blue bash -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
ip netns exec blue bash -c 'echo 0 >/proc/sys/net/ipv4/neigh/right/proxy_delay'
ip -n blue link add more type veth peer name rest
ip -n blue link set more up
ip -n blue link set rest up
ip -n blue route add 169.254.1.1 dev more
