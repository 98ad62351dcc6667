# copied-up
# The new text went to the image itself, past the merged view.
images
stack image2:image1
echo Hello, yumi >image1/a
echo Hello, d >merge/d
