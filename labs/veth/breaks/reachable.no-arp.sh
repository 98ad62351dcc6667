# step: up
# advises: ip link set NAME arp on
ip -n lab-right link set right arp off
ip -n lab-left neighbour flush dev left
