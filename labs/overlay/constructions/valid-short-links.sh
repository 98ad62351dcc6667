# pass
# needs root: a link of nobody else's is followed.
# As docker mounts: short links, relative to a folder above.
mkdir -p l A/diff/dir B/diff C/diff C/work C/merged
ln -s ../A/diff l/AAAA
ln -s ../B/diff l/BBBB
echo a >A/diff/a
echo b >A/diff/b
echo 1 >A/diff/both
echo old >A/diff/dir/old
sleep 0.05
echo 2 >B/diff/both
mount -t overlay overlay -o lowerdir=l/BBBB:l/AAAA,upperdir=C/diff,workdir=C/work C/merged
cd C/merged || exit
echo changed >a
echo new >d
rm b
rm -r dir
mkdir dir
