# same-network
# 198.51.100.0 and 203.0.113.0: two networks, with no router between.
networks
cable 198.51.100.1/24 203.0.113.2/24
