# fail all-shown
# The container's layer is a lower one, and an image layer is written to.
images
marks=
grep -q 4294967295 /proc/self/uid_map || marks=,userxattr
mount -t overlay overlay -o "lowerdir=image2:container,upperdir=image1,workdir=work$marks" merge
echo Hello, yumi >merge/c
echo Hello, d >merge/d
rm merge/both
