# pass
# No names: two shells, each in a network of its own.
stay unshare --net bash -c 'echo $$ >left.pid; read -r'
stay unshare --net bash -c 'echo $$ >right.pid; read -r'
until [[ -s left.pid && -s right.pid ]]; do sleep 0.01; done
left=$(<left.pid) right=$(<right.pid)
nsenter --target "$left" --net ip link add one type veth peer name two netns "$right"
nsenter --target "$left" --net ip address add 10.1.0.1/30 dev one
nsenter --target "$left" --net ip link set one up
nsenter --target "$right" --net ip address add 10.1.0.2/30 dev two
nsenter --target "$right" --net ip link set two up
