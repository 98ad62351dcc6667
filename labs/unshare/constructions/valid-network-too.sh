# remark three-of-eight
# One namespace more than was asked for: a network without a single link that is up.
stay unshare --uts --pid --fork --mount-proc --net bash -c 'hostname happy.life.com; read -r'
