# step: mount
nsenter --target "$LAB_PID" --mount \
    mount --bind /run/lab/overlay/image1/both /run/lab/overlay/merge/both
