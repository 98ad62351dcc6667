# pass
# As most tutorials begin: one end stays where the student is.
ip netns add guestnet
ip link add host type veth peer name guest
ip link set guest netns guestnet
ip address add 203.0.113.1/24 dev host
ip link set host up
ip -n guestnet address add 203.0.113.2/24 dev guest
ip -n guestnet link set guest up
