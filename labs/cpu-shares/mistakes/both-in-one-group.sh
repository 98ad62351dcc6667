# one-in-each
# Inside one group the two get half each, whatever the groups' shares are.
groups 512 1024
busy a 0
busy a 0
