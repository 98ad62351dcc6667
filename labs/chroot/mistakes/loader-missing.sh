# libraries-resolve
# options: --dir newroot
# Only the lines with => were copied, and so the loader was not: bash cannot start.
mkdir -p newroot/{bin,lib,lib64}
cp /bin/bash /bin/ls newroot/bin/
for f in $(ldd /bin/bash /bin/ls | grep "=>" | grep -o "/lib[^ )]*" | sort -u); do
    mkdir -p "newroot${f%/*}"
    cp "$f" "newroot$f"
done
chroot newroot /bin/bash -c true || true
