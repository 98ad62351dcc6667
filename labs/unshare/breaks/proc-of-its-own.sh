# step: own-proc
# The machine's comes to light again.
enter "$(pgrep -P "$LAB_PID" | tail -n 1)" --mount umount /proc
