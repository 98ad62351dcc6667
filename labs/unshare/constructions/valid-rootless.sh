# pass
# needs root: to become somebody else.
# An ordinary user's, which root looks at.
stay setpriv --reuid 1000 --regid 1000 --clear-groups unshare -Urpfmu --mount-proc bash -c \
    'hostname box; read -r'
