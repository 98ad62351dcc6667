# step: addresses
ip -n lab-left link set left up
ip -n lab-right link set right up
