# fail one-in-each
# The program in b was ended with Ctrl-C.
groups 512 2048
within a yes >/dev/null
within b yes >/dev/null
kill $!
