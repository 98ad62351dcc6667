# fail shares-differ
# cpu.idle is no share: that group only gets what nobody wants.
groups 1024 1024
for group in a b; do within $group yes >/dev/null; done
echo 1 >a/cpu.idle
