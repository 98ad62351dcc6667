# pass
# As a runtime names its groups; the one that holds them has siblings.
cd "$LAB_CGROUP" || exit
hold docker
mkdir idle docker/8f1c0b2a docker/c77e01aa
share docker/8f1c0b2a 2048
for id in 8f1c0b2a c77e01aa; do within docker/$id yes >/dev/null; done
