# remark one-in-each
# One program has three processes, the other one: between the groups that makes no difference.
groups 512 1024
within a sh -c 'yes >/dev/null & yes >/dev/null & while :; do :; done'
within b yes >/dev/null
