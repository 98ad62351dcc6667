# step: mount
enter "$LAB_PID" --mount \
    mount --bind "$LAB_STATE/overlay/image1/both" "$LAB_STATE/overlay/merge/both"
