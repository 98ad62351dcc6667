# step: copy-up
# Whether the image is untouched cannot be told then.
cd "$LAB_SEEN/overlay" || exit
rm container/a
