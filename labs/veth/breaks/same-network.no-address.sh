# step: addresses
# advises: no address on right
ip -n lab-right address del 198.51.100.2/24 dev right
