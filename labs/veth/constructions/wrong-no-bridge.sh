# fail reachable
# Two cables end beside each other.
switch 1 2
ip -n switch link del br0
