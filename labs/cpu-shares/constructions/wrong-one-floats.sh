# fail one-processor
# One is pinned, the other may go where nobody is.
groups 512 1024
busy a 0
busy b 0-1
