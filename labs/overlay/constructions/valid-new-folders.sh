# pass
# needs root: redirect_dir does not go with userxattr.
# With redirect_dir the kernel marks every new folder: those hide nothing.
images
mount -t overlay overlay -o lowerdir=image2:image1,upperdir=container,workdir=work,redirect_dir=on merge
mkdir merge/assets merge/build
change_all
