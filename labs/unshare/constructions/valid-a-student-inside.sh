# pass
# needs root: to become somebody else.
# Root has made the namespaces, and an ordinary user works in them: no user namespace was needed.
stay unshare --uts --pid --fork --mount-proc bash -c \
    'hostname box; exec setpriv --reuid 1000 --regid 1000 --clear-groups bash -c "read -r"'
