# step: hosts-proc
enter "$(pgrep -P "$LAB_PID" | tail -n 1)" --mount --pid mount -t proc proc /proc
