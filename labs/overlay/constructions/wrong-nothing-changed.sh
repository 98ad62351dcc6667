# fail copied-up
# Only new files were made.
images
stack image2:image1
echo Hello, d >merge/d
rm merge/b
rm -r merge/dir
mkdir merge/dir
