# host-name-apart
# A new UTS namespace begins with a copy of the old name.
stay unshare --uts --pid --fork --mount-proc bash -c 'read -r'
