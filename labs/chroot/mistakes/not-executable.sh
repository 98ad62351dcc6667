# bash-runs
# A tree that came through a file system without modes.
tree
chmod a-x newroot/bin/bash
