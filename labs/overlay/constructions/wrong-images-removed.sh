# fail mounted
# The layers were taken away under the mount.
images
stack image2:image1
change_all
rm -r image1 image2
