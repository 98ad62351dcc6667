# pass
# tools: gzip
# A shell went into the group, and what it starts is in there too.
groups 512 1024
for group in a b; do within $group sh -c 'cat /dev/urandom | gzip >/dev/null'; done
