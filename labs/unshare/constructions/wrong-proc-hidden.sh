# fail proc-of-its-own
# An empty folder was bound over it, so that no process shows.
mkdir empty
stay unshare -upmf bash -c "hostname box; mount --bind '$PWD/empty' /proc; read -r"
