# opaque
# What is in the folder was deleted, and the folder itself left as it was.
images
stack image2:image1
echo Hello, yumi >merge/a
echo Hello, d >merge/d
rm merge/b merge/dir/old
