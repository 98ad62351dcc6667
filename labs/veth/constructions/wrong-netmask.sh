# fail same-network
# 10.0.0.1/25 and 10.0.0.200/25: the netmask was made too narrow.
networks
cable 10.0.0.1/25 10.0.0.200/25
