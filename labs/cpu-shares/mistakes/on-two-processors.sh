# one-processor
# Both were pinned, but not to the same processor.
groups 512 1024
busy a 0
busy b 1
