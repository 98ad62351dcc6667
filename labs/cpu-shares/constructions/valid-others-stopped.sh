# pass
# A stopped program in a group that nobody has given shares is nobody's contestant.
groups 512 1024
mkdir c
within c yes >/dev/null
kill -STOP $!
for group in a b; do within $group yes >/dev/null; done
