# step: up
# advises: icmp_echo_ignore_all
ip netns exec lab-right sysctl -q net.ipv4.icmp_echo_ignore_all=1
