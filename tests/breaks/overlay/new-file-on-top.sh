# step: new-file
cd "$seen/overlay" || exit
touch image2/d
