# as-promised
# A quota was left behind in b: its share is more than it may use.
groups 512 1024
busy a 0
busy b 0
limit b 20
