# fail peers-fit
ip netns add guestnet
ip link add host type veth peer name guest
ip address add 10.0.0.1/24 dev host
ip link set host up
ip link set guest up
