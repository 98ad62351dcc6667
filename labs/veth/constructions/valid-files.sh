# pass
# The namespaces have no name and no process: a file anywhere holds each.
mkdir ns
mount --bind ns ns
mount --make-private ns
touch ns/left ns/right
unshare --net=ns/left true
unshare --net=ns/right true
nsenter --net=ns/left ip link add l1 type veth peer name r1 netns "$PWD/ns/right"
nsenter --net=ns/left ip address add 10.1.0.1/24 dev l1
nsenter --net=ns/left ip link set l1 up
nsenter --net=ns/right ip address add 10.1.0.2/24 dev r1
nsenter --net=ns/right ip link set r1 up
