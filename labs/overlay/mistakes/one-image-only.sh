# all-shown
# image2 was forgotten in lowerdir.
mkdir image1 image1/dir image2 container work merge
echo Hello, a >image1/a
echo Hello, b >image1/b
echo old >image1/dir/old
echo image1 >image1/both
# An hour between the two images.
touch -d "-1 hour" image1/both
echo HEllo, c >image2/c
echo image2 >image2/both
mount -t overlay overlay -o lowerdir=image1,upperdir=container,workdir=work merge
echo Hello, yumi >merge/a
echo Hello, d >merge/d
rm merge/b
rm -r merge/dir
mkdir merge/dir
