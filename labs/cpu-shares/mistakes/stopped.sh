# one-in-each
# Ctrl-Z in the terminal of b: what is stopped wants no processor.
groups 512 1024
busy a 0
busy b 0
kill -STOP $!
