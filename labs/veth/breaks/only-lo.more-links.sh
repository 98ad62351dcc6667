# step: namespaces
# advises: are not new
ip -n lab-left link add more type veth peer name other
