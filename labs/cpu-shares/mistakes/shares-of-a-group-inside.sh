# shares-differ
# x/a has 512 and y/b 1024, but it is x and y that compete.
cd "$LAB_CGROUP" || exit
hold x
hold y
mkdir x/a y/b
share x/a 512
busy x/a 0
busy y/b 0
