# pass
# One group alone: what competes with it is a program that was left where it was started. Under v2 only the machine's own
# root holds processes beside groups.
groups 512 1024
busy a 0
if [[ -e tasks ]]; then
    rmdir b
    within . yes >/dev/null
else
    busy b 0
fi
