# step: second
# advises: upperdir is not empty
cd "$LAB_SEEN/overlay" || exit
echo changed >merge2/a
