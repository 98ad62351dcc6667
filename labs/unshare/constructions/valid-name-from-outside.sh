# pass
# The name is set by somebody who has gone in for it.
stay unshare -upf --mount-proc bash -c 'echo $$ >ready; read -r'
until [[ -s ready ]]; do sleep 0.01; done
nsenter --target "$(pgrep -n -x bash)" --uts hostname box
