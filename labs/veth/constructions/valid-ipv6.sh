# pass
# IPv6 alone, with duplicate address detection on.
networks
cable fd00:1::1/64 fd00:1::2/64
