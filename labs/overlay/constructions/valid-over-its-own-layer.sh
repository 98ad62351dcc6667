# pass
# needs root: to see below a mount.
# The merged view covers one of its own layers, as where a whole system is made writable that way.
images
mount -t overlay overlay -o lowerdir=image2:image1,upperdir=container,workdir=work image2
echo Hello, yumi >image2/a
echo Hello, d >image2/d
rm image2/b
rm -r image2/dir
mkdir image2/dir
