# step: hostname
# The name outside, again.
enter "$(pgrep -P "$LAB_PID" | head -n 1)" --uts hostname "$(uname -n)"
