# pass
# Addresses of the link alone, but given by hand.
networks
cable "fe80::1/64 nodad" "fe80::2/64 nodad"
