# pass
# Loops that start a program each time they go round: hardly a process is seen twice.
groups 512 1024
for group in a b; do within $group sh -c 'while :; do /bin/true; done'; done
