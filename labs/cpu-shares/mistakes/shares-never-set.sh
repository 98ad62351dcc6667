# shares-differ
# Two groups as the kernel makes them: half and half.
groups 1024 1024
busy a 0
busy b 0
