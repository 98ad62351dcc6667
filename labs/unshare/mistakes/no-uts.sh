# uts-namespace
# Without --uts a new name would be the whole machine's.
stay unshare --pid --fork --mount-proc bash -c 'read -r'
