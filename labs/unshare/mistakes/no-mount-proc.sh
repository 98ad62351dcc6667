# proc-of-its-own
# Without --mount-proc, ps inside reads the machine's /proc.
stay unshare --uts --pid --fork --mount bash -c 'hostname happy.life.com; read -r'
