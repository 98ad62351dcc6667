# fail mounted
images
stack image2:image1
mount -o remount,ro merge
