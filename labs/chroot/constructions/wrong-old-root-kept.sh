# fail outside-unreachable
# pivot_root, and the old root is still mounted.
tree
mkdir newroot/old
stay unshare --mount bash -c 'mount --bind newroot newroot; cd newroot; pivot_root . old; exec /bin/bash -c "read -r"'
