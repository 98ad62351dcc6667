# nothing
# The shell was left: with PID 1 everything has gone.
unshare -upf --mount-proc bash -c 'hostname box'
