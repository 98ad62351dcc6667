# remark copied-up
# A new file takes the place of the old one, as sed -i and editors do it.
images
stack image2:image1
: >merge/new
sleep 0.05
echo changed >merge/new
mv merge/new merge/a
echo Hello, d >merge/d
rm merge/b
rm -r merge/dir
mkdir merge/dir
