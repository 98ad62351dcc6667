# fail host-name-apart
# hostname was typed outside, before unshare: the machine itself has the new name.
hostname happy.life.com
stay unshare --uts --pid --fork --mount-proc bash -c 'read -r'
