# step: mount
# advises: without upperdir and workdir
# The same two images, with nowhere to write.
at=$LAB_STATE/overlay
enter "$LAB_PID" --mount umount "$at/merge"
enter "$LAB_PID" --mount mount -t overlay overlay \
    -o "lowerdir=$at/image2:$at/image1" "$at/merge"
