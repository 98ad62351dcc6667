# open copied-up
images
stack image2:image1
