# fail newer-on-top
# Numbered layers, the first of them on top.
mkdir -p 1/dir 2 u w m
echo 1 >1/both
echo a >1/a
echo b >1/b
echo old >1/dir/old
echo 2 >2/both
marks=
grep -q 4294967295 /proc/self/uid_map || marks=,userxattr
mount -t overlay o -o "lowerdir=1:2,upperdir=u,workdir=w$marks" m
echo more >>m/a
echo new >m/d
rm m/b
rm -r m/dir
mkdir m/dir
