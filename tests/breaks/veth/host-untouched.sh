# step: pair
# An end in the network of whoever runs the test; it goes with lab-left.
ip link add lab-stray type veth peer name stray netns lab-left
