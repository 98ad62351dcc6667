# step: mount
cd "$LAB_SEEN/overlay" || exit
touch container/stray
