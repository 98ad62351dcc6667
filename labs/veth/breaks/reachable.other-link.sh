# step: up
# advises: another interface
ip -n lab-left link add more type veth peer name other
ip -n lab-left link set other up
ip -n lab-left link set more up
ip -n lab-left route add 198.51.100.2/32 dev more
