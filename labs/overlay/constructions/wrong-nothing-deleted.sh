# open whiteout
# Two of the steps are left.
images
stack image2:image1
echo Hello, yumi >merge/a
echo Hello, d >merge/d
