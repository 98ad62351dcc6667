# uts-namespace
# Without --uts a new name would be the whole machine's.
unshare --pid --fork --mount-proc bash -c 'read -r' <"$LAB_OPEN" &
