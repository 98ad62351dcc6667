# pid-one
# Without --fork the shell itself stays in the old PID namespace: only its children would be in the new.
stay unshare --uts --pid bash -c 'hostname happy.life.com; read -r'
