# step: addresses
# advises: belongs on right
ip -n lab-right address del 198.51.100.2/24 dev right
ip -n lab-right address add 198.51.100.2/24 dev lo
