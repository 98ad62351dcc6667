# mounted
# Without upperdir and workdir the overlay is read-only.
images
mount -t overlay overlay -o lowerdir=image2:image1 merge
