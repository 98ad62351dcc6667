# step: mount
cd "$seen/overlay" || exit
touch container/stray
