# step: own-proc
# The machine's comes to light again.
nsenter --target "$(pgrep -P "$LAB_PID" | tail -n 1)" --mount umount /proc
