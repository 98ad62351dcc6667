# pass
# The course notes: one unshare inside the other, the name's first.
stay unshare -u bash -c 'hostname happy.life.com; exec unshare --pid --fork --mount-proc=/proc bash -c "read -r"'
