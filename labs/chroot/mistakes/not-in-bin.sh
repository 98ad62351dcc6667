# libraries-resolve
# options: --dir newroot
# The programs went to the top of the tree, and the libraries where they belong.
tree
mv newroot/bin/* newroot/
chroot newroot /bash -c true || true
