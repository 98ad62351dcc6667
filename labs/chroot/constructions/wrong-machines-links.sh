# fail libraries-resolve
# cp -a of bin, lib and lib64, which on this machine are links: found where the student works.
mkdir newroot
for folder in bin lib lib64; do ln -s "usr/$folder" newroot/; done
