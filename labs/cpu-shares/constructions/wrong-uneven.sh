# fail one-in-each
# Three groups, and one program of the second was started twice.
groups 512 1024
mkdir c
for group in a b c b; do within $group yes >/dev/null; done
