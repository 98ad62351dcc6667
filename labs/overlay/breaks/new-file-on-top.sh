# step: new-file
cd "$LAB_SEEN/overlay" || exit
touch image2/d
