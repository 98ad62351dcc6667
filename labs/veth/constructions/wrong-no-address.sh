# fail same-network
# Both ends are up, and nobody has given them an address.
networks
ip -n red link add left type veth peer name right netns blue
ip -n red link set left up
ip -n blue link set right up
