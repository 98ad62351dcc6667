# fail one-in-each
# Two groups with shares, and both loops outside.
groups 512 2048
busy . 0
busy . 0
