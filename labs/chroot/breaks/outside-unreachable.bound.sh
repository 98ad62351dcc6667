# step: enter
# advises: seen through a mount
touch "$LAB_SEEN/chroot/newroot/bin/date"
enter "$LAB_PID" --mount mount --bind /bin/date "$LAB_STATE/chroot/newroot/bin/date"
