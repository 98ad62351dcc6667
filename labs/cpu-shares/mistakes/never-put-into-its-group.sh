# one-in-each
# Group a was given its shares, and nobody was put into it.
groups 512 1024
busy . 0
busy b 0
