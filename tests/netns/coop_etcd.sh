# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The servers and members of coop.sh with an etcd of three nodes, 10.9.0.1 to 10.9.0.3 in the core;
# sourced. `store` may name another one, ETCD_FLAGS holds more flags of etcd.
# shellcheck disable=SC2034,SC2154
. "$(dirname "${BASH_SOURCE[0]}")/coop.sh"
command -v etcd >/dev/null || skip "needs etcd (etcd-server)"
command -v openssl >/dev/null || skip "needs openssl"

store=${store:-etcd $(printf 'http://10.9.0.%d:2379 ' 1 2 3)}
configure_servers

for i in 1 2 3; do ip -n tdr2 addr add 10.9.0.$i/32 dev lo; done
cluster=e1=http://10.9.0.1:2380,e2=http://10.9.0.2:2380,e3=http://10.9.0.3:2380
declare -A etcd
ETCD_FLAGS=${ETCD_FLAGS:-}
start_etcd() { # node
	# shellcheck disable=SC2086 # flags
	ip netns exec tdr2 etcd --name "e$1" --data-dir "$tmp/etcd$1" --initial-cluster "$cluster" \
		--listen-client-urls "http://10.9.0.$1:2379" --advertise-client-urls "http://10.9.0.$1:2379" \
		--listen-peer-urls "http://10.9.0.$1:2380" \
		--initial-advertise-peer-urls "http://10.9.0.$1:2380" $ETCD_FLAGS >>"$tmp/etcd$1.out" 2>&1 &
	etcd[$1]=$!
}
ask_etcd() { ip netns exec tdr2 curl -s -m 3 "http://10.9.0.$1:2379/v3/$2" -d "$3"; }
healthy() { ask_etcd 1 kv/range '{"key":"YQ=="}' | grep -q revision; }
start_etcds() {
	for i in 1 2 3; do start_etcd $i; done
	until_true 30 healthy || fail "etcd does not start: $(tail -n 3 "$tmp/etcd1.out")"
}

declare -A address=([tdr1]=10.1.12.1 [tdr5]=10.1.25.5)
# Nothing passes between the node and etcd, either way, from one moment on. (A rule of routing that is
# a blackhole is asked behind the table `local`, and would let through what the node says.)
cut_off() { # node
	ip netns exec tdr2 nft -f - <<END
table ip cut_$1 {
	chain heard { type filter hook input priority 0; ip saddr ${address[$1]} ip daddr 10.9.0.0/24 drop; }
	chain said { type filter hook output priority 0; ip saddr 10.9.0.0/24 ip daddr ${address[$1]} drop; }
}
END
}
deaf_to_etcd() { # node: what it says arrives, and nothing comes back
	ip netns exec tdr2 nft -f - <<END
table ip cut_$1 {
	chain said { type filter hook output priority 0; ip saddr 10.9.0.0/24 ip daddr ${address[$1]} drop; }
}
END
}
join_again() { # node
	ip netns exec tdr2 nft delete table ip "cut_$1"
}
