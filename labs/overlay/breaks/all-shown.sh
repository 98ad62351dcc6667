# step: mount
# Another image in the place of the first: it has the file in both, and nothing else of what should be seen.
at=$LAB_STATE/overlay
enter "$LAB_PID" --mount umount "$at/merge"
enter "$LAB_PID" --mount mkdir "$at/other"
enter "$LAB_PID" --mount cp -p "$at/image1/both" "$at/other/both"
enter "$LAB_PID" --mount mount -t overlay overlay \
    -o "lowerdir=$at/image2:$at/other,upperdir=$at/container,workdir=$at/work" "$at/merge"
