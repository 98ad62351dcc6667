# pass
groups 512 512
mkdir c
share c 1024
for group in a b c; do within $group yes >/dev/null; done
