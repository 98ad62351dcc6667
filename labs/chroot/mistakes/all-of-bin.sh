# outside-unreachable
# All programs were copied, not just the two.
mkdir -p newroot/{bin,lib,lib64}
cp /bin/bash /bin/ls newroot/bin/
for f in $(ldd /bin/bash /bin/ls | grep -o "/lib[^ )]*" | sort -u); do
    mkdir -p "newroot${f%/*}"
    cp "$f" "newroot$f"
done
cp /bin/date newroot/bin/
chroot newroot /bin/bash -c "read -r" <"$LAB_OPEN" &
