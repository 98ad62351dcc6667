# open one-in-each
# The groups are there, with their shares; nothing was started yet.
groups 512 1024
