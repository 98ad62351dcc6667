# host-name-apart
# The name was set in another terminal, outside, after the shell was there: it is the machine that is called so now.
stay unshare --uts --pid --fork --mount-proc bash -c '>ready; read -r'
until [[ -e ready ]]; do sleep 0.01; done
hostname happy.life.com
