# fail libraries-resolve
# A disk that was full: the C library is there, and empty.
tree
find newroot -name 'libc.so*' -exec truncate -s 0 {} +
