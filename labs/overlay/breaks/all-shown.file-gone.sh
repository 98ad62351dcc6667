# step: mount
# advises: no more to be seen: c
cd "$LAB_SEEN/overlay" || exit
rm image2/c
