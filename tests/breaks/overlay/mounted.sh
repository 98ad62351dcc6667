# step: mount
# The same two images, with nowhere to write.
at=/run/lab/overlay
nsenter --target "$LAB_PID" --mount umount $at/merge
nsenter --target "$LAB_PID" --mount mount -t overlay overlay \
    -o lowerdir=$at/image2:$at/image1 $at/merge
