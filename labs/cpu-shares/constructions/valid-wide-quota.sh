# pass
# A quota that is more than the group would get anyway.
groups 512 1024
limit b 95
for group in a b; do within $group yes >/dev/null; done
