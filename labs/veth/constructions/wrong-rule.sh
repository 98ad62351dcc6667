# fail reachable
# A rule sends what goes to the neighbour to a table that says no.
networks
cable 198.51.100.1/24 198.51.100.2/24
ip -n red rule add to 198.51.100.2 prohibit
