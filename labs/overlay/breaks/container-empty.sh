# step: layers
cd "$LAB_SEEN/overlay" || exit
touch container/stray
