# step: hostname
nsenter --target "$(pgrep -P "$LAB_PID" | head -n 1)" --uts hostname somebody.else
