# pid-namespace-shared
# unshare and chroot at once.
mkdir -p newroot/{bin,lib,lib64}
cp /bin/bash /bin/ls newroot/bin/
for f in $(ldd /bin/bash /bin/ls | grep -o "/lib[^ )]*" | sort -u); do
    mkdir -p "newroot${f%/*}"
    cp "$f" "newroot$f"
done
unshare --pid --fork chroot newroot /bin/bash -c "read -r" <"$LAB_OPEN" &
