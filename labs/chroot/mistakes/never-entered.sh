# root-moved
# options: --dir newroot
# The tree is complete, and bash was started outside: cd is not chroot.
mkdir -p newroot/{bin,lib,lib64}
cp /bin/bash /bin/ls newroot/bin/
for f in $(ldd /bin/bash /bin/ls | grep -o "/lib[^ )]*" | sort -u); do
    mkdir -p "newroot${f%/*}"
    cp "$f" "newroot$f"
done
cd newroot
bin/bash -c "read -r" <"$LAB_OPEN" &
cd ..
