# fail reachable
networks
cable "fd00:1::1/64 nodad" "fd00:1::2/64 nodad"
ip netns exec blue bash -c 'echo 1 >/proc/sys/net/ipv6/icmp/echo_ignore_all'
