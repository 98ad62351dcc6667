# copied-up
# a was emptied in the container's layer itself: no copy was made.
images
stack image2:image1
: >container/a
echo Hello, d >merge/d
rm merge/b
rm -r merge/dir
mkdir merge/dir
