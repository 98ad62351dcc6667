# peers-fit
# Two namespaces, and nothing between them.
networks
