# pass
# A second cable between the two, which was never used.
networks
ip -n red link add spare0 type veth peer name spare1 netns blue
cable 198.51.100.1/24 198.51.100.2/24
