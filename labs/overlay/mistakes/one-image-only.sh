# all-shown
# image2 was forgotten in lowerdir.
images
stack image1
change_all
