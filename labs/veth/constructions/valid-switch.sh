# pass
# The bridge is in a third namespace, and four hosts are at it.
switch 1 2 3 4
for number in 1 2 3 4; do plug "$number"; done
