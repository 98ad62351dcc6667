# fail host-name-apart
# needs root: the kernel's file is root's.
# Outside, afterwards, through the kernel's file.
stay unshare --uts --pid --fork --mount-proc bash -c '>ready; read -r'
until [[ -e ready ]]; do sleep 0.01; done
echo happy.life.com >/proc/sys/kernel/hostname
