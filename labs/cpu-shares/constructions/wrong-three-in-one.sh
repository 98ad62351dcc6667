# fail one-in-each
groups 512 1024
for _ in 1 2 3; do within a yes >/dev/null; done
