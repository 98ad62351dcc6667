# nothing
# All was copied, and nothing mounted.
images
cp -r image1/. image2/. merge
echo Hello, yumi >merge/a
