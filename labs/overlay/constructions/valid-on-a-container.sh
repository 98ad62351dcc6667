# pass
# options: --dir second
# The lower layer of a container is another container.
images
stack image2:image1
mkdir image3 container2 work2 second
echo image3 >image3/both
marks=
grep -q 4294967295 /proc/self/uid_map || marks=,userxattr
mount -t overlay overlay -o "lowerdir=image3:merge,upperdir=container2,workdir=work2$marks" second
echo Hello, yumi >second/a
echo Hello, d >second/d
rm second/b
rm -r second/dir
mkdir second/dir
