# proc-of-its-own
# /proc was mounted anew, and then unmounted: the machine's comes to light again.
stay unshare --uts --pid --fork --mount-proc bash -c 'hostname happy.life.com; umount /proc; read -r'
