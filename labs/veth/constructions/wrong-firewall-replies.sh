# fail reachable
# tools: iptables
# needs root: to change rules.
# red lets no reply in.
networks
cable 198.51.100.1/24 198.51.100.2/24
ip netns exec red iptables -A INPUT -p icmp --icmp-type echo-reply -j DROP
