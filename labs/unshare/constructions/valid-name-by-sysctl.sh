# pass
# needs root: the kernel's file is root's.
stay unshare -upf --mount-proc bash -c 'echo box >/proc/sys/kernel/hostname; read -r'
