# pass
# nice counts among the processes of a group alone.
groups 512 1024
within a nice -n 10 yes >/dev/null
within b yes >/dev/null
