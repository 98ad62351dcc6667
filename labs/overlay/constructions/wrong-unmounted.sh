# nothing
# It was unmounted before anybody looked.
images
stack image2:image1
change_all
umount merge
