# open newer-on-top
# No file is in both image layers, so which one wins was never seen.
images
rm image2/both
stack image2:image1
change_all
