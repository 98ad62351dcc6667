# fail as-promised
# The group with the most shares may use a tenth of a processor.
groups 2048 1024
limit a 10
for group in a b; do within $group yes >/dev/null; done
