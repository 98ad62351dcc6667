# only-three
# More than was asked for: a folder proc, for ps.
mkdir -p newroot/{bin,lib,lib64}
cp /bin/bash /bin/ls newroot/bin/
for f in $(ldd /bin/bash /bin/ls | grep -o "/lib[^ )]*" | sort -u); do
    mkdir -p "newroot${f%/*}"
    cp "$f" "newroot$f"
done
mkdir newroot/proc
chroot newroot /bin/bash -c "read -r" <"$LAB_OPEN" &
