# step: namespaces
# advises: ip link set lo down
ip -n lab-left link set lo up
