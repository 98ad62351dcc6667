# fail pid-one
stay unshare --uts bash -c 'hostname box; read -r'
