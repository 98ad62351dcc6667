# pass
# A user namespace is what an ordinary user has to have, and root may.
stay unshare -Ur --uts --pid --fork --mount-proc bash -c 'hostname box; read -r'
