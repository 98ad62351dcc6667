# fail proc-of-its-own
# The machine's /proc was bound over itself, instead of a new one mounted.
stay unshare -upmf bash -c 'hostname box; mount --bind /proc /proc; read -r'
