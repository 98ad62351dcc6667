# step: copy-up
cd "$LAB_SEEN/overlay" || exit
echo changed >image1/a
