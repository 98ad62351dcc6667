# step: opaque
# The same folder without the mark.
cd "$seen/overlay" || exit
rmdir container/dir
mkdir container/dir
