# step: enter
# Ten more programs of the host's.
tree=$LAB_SEEN/chroot/newroot
for program in cat chmod chown cp dd df ln mkdir mv rm; do
    cp "/bin/$program" "$tree/bin/"
done
