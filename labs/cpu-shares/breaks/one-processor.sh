# step: contest
# advises: taskset -cp
# Needs a machine with more than one processor.
taskset --cpu-list --pid "0-$(($(nproc --all) - 1))" "$(pgrep -P "$LAB_PID" | head -n 1)" >/dev/null
