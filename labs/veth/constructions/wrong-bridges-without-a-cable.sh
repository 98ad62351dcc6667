# fail peers-fit
# Each has a bridge and an address, and nothing leads from one to the other.
networks
for one in red blue; do
    ip -n "$one" link add br0 type bridge
    ip -n "$one" link set br0 up
done
ip -n red address add 10.0.0.1/24 dev br0
ip -n blue address add 10.0.0.2/24 dev br0
