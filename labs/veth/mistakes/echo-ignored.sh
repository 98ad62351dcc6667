# reachable
# blue takes echo requests and answers none.
networks
cable 198.51.100.1/24 198.51.100.2/24
ip netns exec blue bash -c 'echo 1 >/proc/sys/net/ipv4/icmp_echo_ignore_all'
