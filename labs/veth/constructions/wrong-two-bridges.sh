# fail reachable
# Each cable is in a bridge, and nothing joins the two bridges.
switch 1 2
plug 1
ip -n switch link add br1 type bridge
ip -n switch link set br1 up
ip -n switch link set port2 master br1
