# step: second
cd "$seen/overlay" || exit
echo changed >merge2/a
