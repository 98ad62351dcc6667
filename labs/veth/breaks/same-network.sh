# step: addresses
ip -n lab-right address del 198.51.100.2/24 dev right
ip -n lab-right address add 203.0.113.2/24 dev right
