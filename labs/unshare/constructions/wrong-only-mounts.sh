# nothing
# A mount namespace alone separates neither names nor numbers.
stay unshare --mount bash -c 'mount -t tmpfs none /mnt; read -r'
