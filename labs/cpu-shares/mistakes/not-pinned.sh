# one-processor
# Each worker has a processor to itself, so there is nothing to share.
groups 512 1024
busy a 0-1
busy b 0-1
