# fail one-in-each
# It has half of the usual shares, and nobody to share with.
cd "$LAB_CGROUP" || exit
mkdir a
share a 512
within a yes >/dev/null
