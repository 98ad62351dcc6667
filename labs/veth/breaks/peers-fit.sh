# step: pair
# advises: veth peer name
ip -n lab-left link del left
