# step: mount
# One image is forgotten.
at=/run/lab/overlay
nsenter --target "$LAB_PID" --mount umount $at/merge
nsenter --target "$LAB_PID" --mount mount -t overlay overlay \
    -o lowerdir=$at/image2,upperdir=$at/container,workdir=$at/work $at/merge
