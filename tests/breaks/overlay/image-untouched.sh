# step: copy-up
cd "$seen/overlay" || exit
echo changed >image1/a
