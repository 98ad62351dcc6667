# fail bash-runs
# The tree is on a file system of which nothing may be executed.
mkdir newroot
mount -t tmpfs -o noexec none newroot
tree
