# fail libraries-resolve
# A bash for a machine of another kind: its libraries are none of these.
tree
printf '\xf3\x00' | dd of=newroot/bin/bash bs=1 seek=18 conv=notrunc
