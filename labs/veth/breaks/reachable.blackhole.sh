# step: up
# advises: lets nothing through
ip -n lab-right route add blackhole 198.51.100.1
