# fail ends-up
# The hosts' ends are up; one of the switch's is not.
switch 1 2
plug 1
plug 2
ip -n switch link set port2 down
