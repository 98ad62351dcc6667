# pass
# Numbered from the top, as the kernel's documentation does, and with absolute paths.
mkdir -p lower1/dir lower2/dir lower3/dir container work merge
for n in 1 2 3; do
    echo "$n" >lower$n/both
    echo "$n" >lower$n/only$n
    echo "$n" >lower$n/dir/$n
done
stack "$PWD/lower1:$PWD/lower2:$PWD/lower3"
echo changed >merge/only2
echo new >merge/new
rm merge/only3
rm -r merge/dir
mkdir merge/dir
