# peers-fit
# Two namespaces, and nothing between them.
ip netns add red
ip netns add blue
