# open same-network
# The cable lies there, and nothing was done with it yet.
networks
ip -n red link add left type veth peer name right netns blue
