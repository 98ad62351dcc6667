# reachable
# Two cables to a switch; one of them was never plugged into its bridge.
switch 1 2
plug 1
