# step: second
cd "$LAB_SEEN/overlay" || exit
echo changed >merge2/a
