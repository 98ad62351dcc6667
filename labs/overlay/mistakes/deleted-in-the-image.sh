# whiteout
# b was deleted in the image layer, and so for all containers.
images
stack image2:image1
echo Hello, yumi >merge/a
echo Hello, d >merge/d
rm image1/b
rm -r merge/dir
mkdir merge/dir
