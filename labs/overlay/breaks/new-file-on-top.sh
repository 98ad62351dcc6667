# step: new-file
# advises: image2 too
cd "$LAB_SEEN/overlay" || exit
touch image2/d
