# three-of-eight
# One namespace more than was asked for: a network without a single link that is up.
unshare --uts --pid --fork --mount-proc --net bash -c 'hostname happy.life.com; read -r' <"$LAB_OPEN" &
