# step: remount
nsenter --target "$LAB_PID" --mount umount /run/lab/overlay/merge
