# pass
# proc is mounted with mount(8), as people do who have forgotten --mount-proc.
stay unshare -upmf bash -c 'mount -t proc proc /proc; hostname box; read -r'
