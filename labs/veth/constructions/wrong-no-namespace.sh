# fail peers-fit
# Both ends stayed with the student, and ping is answered over lo.
ip link add one type veth peer name two
ip address add 10.0.0.1/24 dev one
ip address add 10.0.0.2/24 dev two
ip link set one up
ip link set two up
