# shellcheck shell=bash
# What the scripts in labs/*/mistakes rest on. They run in namespaces and a folder of their own.

# A file that a program can wait for: nobody ever writes to it.
mkfifo open
exec 7<>open
LAB_OPEN=$PWD/open

# A busy loop, to be started with &: $! is the loop itself.
loop() { exec sh -c 'while :; do :; done'; }

# share GROUP SHARES, of 1024; limit GROUP PERCENT.
if [[ -e $LAB_CGROUP/cpu.shares ]]; then
    share() { echo "$2" >"$1/cpu.shares"; }
    limit() { echo $(($2 * 1000)) >"$1/cpu.cfs_quota_us"; }
else
    share() { echo $(($2 * 100 / 1024)) >"$1/cpu.weight"; }
    limit() { echo "$(($2 * 1000)) 100000" >"$1/cpu.max"; }
fi
