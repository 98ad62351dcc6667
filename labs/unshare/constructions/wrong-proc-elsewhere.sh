# fail proc-of-its-own
# proc was mounted on another folder, and ps reads the machine's as before.
mkdir p
stay unshare -upf --mount-proc="$PWD/p" bash -c 'hostname box; read -r'
