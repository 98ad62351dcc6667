# step: pair
# needs root: nobody else may make a link in this network.
# An end in the network of whoever runs the test; it goes with lab-left.
command ip link add lab-stray type veth peer name stray netns lab-left
