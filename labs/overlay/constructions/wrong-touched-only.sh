# fail copied-up
# The file was copied up, and says what it always said.
images
stack image2:image1
touch merge/a
echo Hello, d >merge/d
rm merge/b
rm -r merge/dir
mkdir merge/dir
