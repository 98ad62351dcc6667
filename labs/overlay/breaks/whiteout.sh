# step: whiteout
cd "$LAB_SEEN/overlay" || exit
rm container/b
