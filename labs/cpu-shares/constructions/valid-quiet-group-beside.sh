# remark one-in-each
# A third group has shares and nothing busy in it: who wants nothing takes nothing.
groups 512 1024
mkdir c
share c 4096
within c sleep 1000
for group in a b; do within $group yes >/dev/null; done
