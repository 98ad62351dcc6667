# libraries-resolve
# options: --dir newroot
# cp -a copies a symbolic link as a link, and what it leads to stays outside.
mkdir -p newroot/{bin,lib,lib64}
cp /bin/bash /bin/ls newroot/bin/
for f in $(ldd /bin/bash /bin/ls | grep -o "/lib[^ )]*" | sort -u); do
    mkdir -p "newroot${f%/*}"
    cp -a "$f" "newroot$f"
done
