# one-in-each
# The loop of a was started once more, by the arrow key.
groups 512 1024
busy a 0
busy b 0
busy a 0
