# step: layers
cd "$seen/overlay" || exit
touch container/stray
