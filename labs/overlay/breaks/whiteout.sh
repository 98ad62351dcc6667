# step: whiteout
# advises: delete it once more
cd "$LAB_SEEN/overlay" || exit
rm container/b
