# new-file-on-top
# d was made in the image, where every other container will see it too.
images
stack image2:image1
echo Hello, yumi >merge/a
echo Hello, d >image1/d
