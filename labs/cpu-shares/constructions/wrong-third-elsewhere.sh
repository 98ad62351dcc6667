# fail one-processor
# Two of three share a processor, and the third has one to itself.
groups 512 512
mkdir c
busy a 0
busy b 0
busy c 1
