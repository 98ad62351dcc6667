# step: up
# advises: ip neighbour
ip -n lab-left neighbour replace 198.51.100.2 lladdr 02:00:00:00:00:01 dev left
