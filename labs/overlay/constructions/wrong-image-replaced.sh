# fail image-untouched
# needs root: the marks of an ordinary user do not say which file it was.
# Another file was put in the place of the image's, with an old date.
images
stack image2:image1
change_all
sleep 0.05
echo other >other
touch -d '-1 day' other
mv other image1/a
