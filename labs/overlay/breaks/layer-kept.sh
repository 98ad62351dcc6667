# step: remount
enter "$LAB_PID" --mount umount "$LAB_STATE/overlay/merge"
