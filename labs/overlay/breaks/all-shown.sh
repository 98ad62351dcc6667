# step: mount
# One image is forgotten.
at=$LAB_STATE/overlay
enter "$LAB_PID" --mount umount "$at/merge"
enter "$LAB_PID" --mount mount -t overlay overlay \
    -o "lowerdir=$at/image2,upperdir=$at/container,workdir=$at/work" "$at/merge"
