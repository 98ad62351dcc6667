# open libraries-resolve
# The three folders, and nothing in them: found where the student works.
mkdir -p newroot/{bin,lib,lib64}
