# nothing
# Two loops and no group at all.
for _ in 1 2; do taskset -c 0 yes >/dev/null & done
