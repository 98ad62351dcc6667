# newer-on-top
# The left folder is the topmost, and here that is the older image.
images
stack image1:image2
change_all
