#!/usr/bin/env bash
# The work of `lab veth`, without narrating or checking: two namespaces, a pair, addresses, one ping.
set -euo pipefail

left=bench-left-$$ right=bench-right-$$
cleanup() {
    ip netns del "$left"
    ip netns del "$right"
}
trap cleanup EXIT

ip netns add "$left"
ip netns add "$right"
ip -n "$left" link add left type veth peer name right netns "$right"
ip -n "$left" address add 198.51.100.1/24 dev left
ip -n "$right" address add 198.51.100.2/24 dev right
ip -n "$left" link set left up
ip -n "$right" link set right up
ip netns exec "$left" ping -c 1 -W 1 198.51.100.2 >/dev/null
