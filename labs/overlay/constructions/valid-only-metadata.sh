# pass
# needs root: metacopy does not go with userxattr.
# chmod copies no bytes with metacopy; another file is written to as well.
images
echo z >image1/z
mount -t overlay overlay -o lowerdir=image2:image1,upperdir=container,workdir=work,metacopy=on merge
change_all
chmod 600 merge/z
