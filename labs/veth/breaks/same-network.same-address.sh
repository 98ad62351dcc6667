# step: addresses
# advises: both have the same address
ip -n lab-right address del 198.51.100.2/24 dev right
ip -n lab-right address add 198.51.100.1/24 dev right
