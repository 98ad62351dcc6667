# same-network
# Both addresses went to the left end; the right one has none.
networks
cable 198.51.100.1/24 198.51.100.2/24
ip -n blue address del 198.51.100.2/24 dev right
ip -n red address add 198.51.100.2/24 dev left
