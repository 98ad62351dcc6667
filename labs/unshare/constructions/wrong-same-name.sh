# fail host-name-apart
# The name that was set is the one that the machine has.
# shellcheck disable=SC2016 # that shell's own
stay unshare -upf --mount-proc bash -c 'read -r name </proc/sys/kernel/hostname; hostname "$name"; read -r'
