# remark mounted
# The mount command was typed twice: the second overlay covers the first.
images
stack image2:image1
mkdir container2 work2
marks=
grep -q 4294967295 /proc/self/uid_map || marks=,userxattr
mount -t overlay overlay -o "lowerdir=image2:image1,upperdir=container2,workdir=work2$marks" merge
change_all
