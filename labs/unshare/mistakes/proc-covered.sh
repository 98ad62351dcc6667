# proc-of-its-own
# Something else than proc was mounted there, to hide the processes.
stay unshare --uts --pid --fork --mount bash -c 'hostname happy.life.com; mount -t tmpfs none /proc; read -r'
