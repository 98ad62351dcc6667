# fail reachable
# tools: iptables
# needs root: to change rules.
networks
cable 198.51.100.1/24 198.51.100.2/24
ip netns exec red iptables -A OUTPUT -p icmp -j DROP
