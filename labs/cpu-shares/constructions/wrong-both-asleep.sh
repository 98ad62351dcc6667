# fail one-in-each
groups 512 1024
for group in a b; do within $group sleep 1000; done
