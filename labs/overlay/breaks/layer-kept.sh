# step: remount
# advises: lowerdir=image2:image1,upperdir=container,workdir=work
enter "$LAB_PID" --mount umount "$LAB_STATE/overlay/merge"
