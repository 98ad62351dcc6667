# pass
stay unshare -upf --mount-proc --kill-child bash -c 'hostname t1; exec bash -c "read -r"'
