# fail reachable
switch 1 2
plug 1
plug 2
ip -n switch link set br0 down
