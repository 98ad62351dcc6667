# step: hostname
# The name outside, again.
nsenter --target "$(pgrep -P "$LAB_PID" | head -n 1)" --uts hostname "$(uname -n)"
