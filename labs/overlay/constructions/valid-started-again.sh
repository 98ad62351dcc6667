# pass
# Unmounted and mounted again: the changes are files like any others.
images
stack image2:image1
change_all
umount merge
stack image2:image1
