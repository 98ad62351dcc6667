# fail libraries-resolve
# options: --dir newroot
# cp -a of a folder that is a link.
tree
rm -r newroot/lib
ln -s usr/lib newroot/lib
