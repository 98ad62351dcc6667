# one-in-each
# After cd a, b was made in there: the two do not compete with each other.
cd "$LAB_CGROUP" || exit
mkdir a a/b
share a 512
busy a 0
busy a/b 0
