# step: opaque
# advises: no such mark
# The same folder without the mark.
cd "$LAB_SEEN/overlay" || exit
rmdir container/dir
mkdir container/dir
