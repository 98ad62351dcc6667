# step: whiteout
cd "$seen/overlay" || exit
rm container/b
