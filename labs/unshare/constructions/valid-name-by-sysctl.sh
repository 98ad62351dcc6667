# pass
stay unshare -upf --mount-proc bash -c 'echo box >/proc/sys/kernel/hostname; read -r'
