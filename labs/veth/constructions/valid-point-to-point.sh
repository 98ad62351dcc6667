# pass
# Each end names the other as its peer, and no network is shared.
networks
cable "198.51.100.1 peer 203.0.113.9" "203.0.113.9 peer 198.51.100.1"
