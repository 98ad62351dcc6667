# open libraries-resolve
# options: --dir newroot
# Nothing is done yet.
mkdir newroot
