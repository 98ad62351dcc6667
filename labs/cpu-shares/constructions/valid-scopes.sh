# pass
# As systemd-run --scope leaves it.
cd "$LAB_CGROUP" || exit
hold work.slice
mkdir work.slice/run-r1.scope work.slice/run-r2.scope
share work.slice/run-r1.scope 512
for scope in run-r1 run-r2; do within work.slice/$scope.scope yes >/dev/null; done
