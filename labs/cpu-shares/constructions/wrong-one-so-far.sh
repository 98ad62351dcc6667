# open one-in-each
# The first group has its loop, and no sibling yet.
cd "$LAB_CGROUP" || exit
mkdir a
within a yes >/dev/null
