# remark three-of-eight
# Every namespace that unshare knows, as a container has them.
stay unshare --mount --uts --ipc --net --pid --cgroup --fork --mount-proc bash -c 'hostname box; read -r'
