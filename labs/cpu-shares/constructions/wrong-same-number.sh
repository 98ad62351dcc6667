# fail shares-differ
# Both were halved.
groups 512 512
for group in a b; do within $group yes >/dev/null; done
