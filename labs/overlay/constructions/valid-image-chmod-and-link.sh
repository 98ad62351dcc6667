# pass
# The image's file has got another name and other rights since: its bytes are what they were.
images
stack image2:image1
change_all
sleep 0.05
chmod 444 image1/a
ln image1/a kept
