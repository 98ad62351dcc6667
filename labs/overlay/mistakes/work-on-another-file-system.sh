# mounted
# options: --dir merge
# upper and work must be on one file system, so mount refuses.
images
mount -t tmpfs none work
stack image2:image1 || true
