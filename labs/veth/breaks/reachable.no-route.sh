# step: up
# advises: shows no way there
ip -n lab-left route del 198.51.100.0/24
