# pass
# tools: busybox
# More than chroot: the old root is unmounted, and there is no way out.
tree
stay unshare --mount bash -c 'mount --bind newroot newroot; cd newroot; pivot_root . lib64
    /lib64/bin/busybox umount -l /lib64; exec /bin/bash -c "read -r"'
