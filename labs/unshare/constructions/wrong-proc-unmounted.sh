# fail proc-of-its-own
# /proc was mounted anew, and unmounted again: the machine's comes to light.
stay unshare --uts --pid --fork --mount-proc bash -c 'hostname box; umount /proc; read -r'
