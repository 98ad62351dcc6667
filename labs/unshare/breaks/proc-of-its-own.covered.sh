# step: own-proc
# advises: no proc is mounted
enter "$(pgrep -P "$LAB_PID" | tail -n 1)" --mount mount -t tmpfs none /proc
