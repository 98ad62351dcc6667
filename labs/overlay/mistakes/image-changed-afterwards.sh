# image-untouched
# After the copy was made, somebody wrote to the image as well.
images
stack image2:image1
change_all
sleep 0.05
echo Hello, again >image1/a
