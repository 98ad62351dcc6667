# step: namespaces
ip -n lab-left link set lo up
