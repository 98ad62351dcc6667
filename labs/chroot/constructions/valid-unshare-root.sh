# pass
# unshare(1) changes the root alone, where it is asked for nothing else.
tree
stay unshare --root=newroot /bin/bash -c 'read -r'
