# step: pivot
# With mount inside, something more can be mounted there.
tree=/proc/$LAB_PID/root/run/lab/chroot/newroot
cp /bin/mount "$tree/bin/"
for file in $(ldd /bin/mount | grep -o '/[^ )]*'); do
    cp -n "$file" "$tree${file%/*}/" || true
done
nsenter --target "$(pgrep -P "$LAB_PID" | tail -n 1)" --mount /bin/mount -t tmpfs none /lib64
