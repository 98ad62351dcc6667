# pass
# Two containers at a bridge that has an address as well: each also reaches the machine, and the two are meant.
ip link add br0 type bridge
ip address add 172.18.0.1/16 dev br0
ip link set br0 up
for n in 2 3; do
    ip netns add "box$n"
    ip link add "veth$n" type veth peer name ceth netns "box$n"
    ip link set "veth$n" up master br0
    ip -n "box$n" address add "172.18.0.$n/16" dev ceth
    ip -n "box$n" link set ceth up
done
