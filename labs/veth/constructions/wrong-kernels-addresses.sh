# fail same-network
# Nothing but the addresses that each link of IPv6 has by itself.
networks
ip -n red link add left type veth peer name right netns blue
ip -n red link set left up
ip -n blue link set right up
until ip -n red -6 address show dev left | grep -q fe80; do sleep 0.01; done
