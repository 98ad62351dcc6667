# step: copy-up
# Whether the image is untouched cannot be told then.
cd "$seen/overlay" || exit
rm container/a
