# remark one-in-each
# A program of two processes in each: they divide what their group gets.
groups 256 1024
for group in a b; do
    within $group sh -c 'yes >/dev/null & while :; do :; done'
done
