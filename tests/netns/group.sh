# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A group on this machine's kernel; sourced. A key server (tdr1) and members (tdr3, tdr4, tdr5), each
# a `testudo run` in a namespace of its own, around a core (tdr2) that is the kernel alone. TESTUDO
# names another binary, DATAPLANE another dataplane, LIFETIME the seconds of a TEK, TRANSFORM and
# REPLAY what the group asks for. $tmp holds the logs.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
TESTUDO=${TESTUDO:-build/testudo}
export TESTUDO_CAGE=${TESTUDO_CAGE-kill} # a system call that is not in the cage's list ends its process
. tests/netns/needs.sh
fail() {
	echo "FAILED: $*"
	tail -n 20 "$tmp"/*.log
	exit 1
}
need_namespaces nft ping tcpdump
[ -e /dev/net/tun ] || skip "no /dev/net/tun"
tmp=$(mktemp -d)
nodes=(tdr1 tdr2 tdr3 tdr4 tdr5)
clean() {
	# shellcheck disable=SC2046
	kill -9 $(jobs -p) 2>/dev/null
	wait 2>/dev/null
	for n in "${nodes[@]}"; do ip netns del "$n" 2>/dev/null; done
	rm -rf "$tmp"
}
pids=()
trap clean EXIT
for n in "${nodes[@]}"; do
	ip netns del "$n" 2>/dev/null
	ip netns add "$n" && ip -n "$n" link set lo up
done
# R2 is the core: the kernel alone.
link() { # node device address
	ip link add "$2" netns tdr2 type veth peer name eth0 netns "$1"
	ip -n tdr2 link set "$2" up
	ip -n tdr2 addr add "$3" dev "$2"
	ip -n "$1" link set eth0 up
}
link tdr1 e1 10.1.12.2/24
link tdr3 e3 10.1.23.2/24
link tdr4 e4 10.1.24.2/24
link tdr5 e5 10.1.25.2/24
ip netns exec tdr2 sysctl -qw net.ipv4.ip_forward=1
ip -n tdr2 route add 192.168.3.3 via 10.1.23.3
ip -n tdr2 route add 192.168.4.4 via 10.1.24.4
ip -n tdr2 route add 192.168.5.5 via 10.1.25.5
state() {
	ip netns exec "$1" sh -c 'nft list ruleset; ip rule; ip -4 addr; ip -4 route show table all; ip xfrm state; ip xfrm policy' |
		grep -v 'link-netnsid\|valid_lft'
}
for n in "${nodes[@]}"; do state "$n" >"$tmp/$n.before"; done

cat >"$tmp/tdr1.cfg" <<END
hostname R1
crypto isakmp policy 10
 authentication pre-share
crypto isakmp key GET_R3 address 10.1.23.3
crypto isakmp key GET_R4 address 10.1.24.4
crypto isakmp key GET_R5 address 10.1.25.5
crypto ipsec transform-set TSET ${TRANSFORM:-esp-aes esp-sha-hmac}
crypto ipsec profile GET_PRO
 set transform-set TSET
 set security-association lifetime seconds ${LIFETIME:-3600}
crypto gdoi group GET_VPN
 identity number 134
 server local
  rekey transport unicast
  authorization address ipv4 GM_LIST
  sa ipsec 1
   profile GET_PRO
   match address ipv4 LAN_LIST
   ${REPLAY:-replay counter window-size 64}
  address ipv4 10.1.12.1
interface FastEthernet0/0
 ip address 10.1.12.1 255.255.255.0
ip route 0.0.0.0 0.0.0.0 10.1.12.2
ip access-list standard GM_LIST
 permit 10.1.23.3
 permit 10.1.24.4
 permit 10.1.25.5
ip access-list extended LAN_LIST
 deny udp any eq 848 any eq 848
 permit ip 192.168.0.0 0.0.255.255 192.168.0.0 0.0.255.255
END
member() { # node name core loopback key
	cat >"$tmp/$1.cfg" <<END
hostname $2
crypto isakmp policy 10
 authentication pre-share
crypto isakmp key $5 address 10.1.12.1
crypto gdoi group GET_VPN
 identity number 134
 server address ipv4 10.1.12.1
crypto map CMAP 10 gdoi
 set group GET_VPN
interface FastEthernet0/0
 ip address $3 255.255.255.0
 crypto map CMAP
interface Loopback0
 ip address $4 255.255.255.255
ip route 0.0.0.0 0.0.0.0 ${3%.*}.2
END
}
member tdr3 R3 10.1.23.3 192.168.3.3 GET_R3
member tdr4 R4 10.1.24.4 192.168.4.4 GET_R4
member tdr5 R5 10.1.25.5 192.168.5.5 GET_R5

start() { # node [option...]: its process is the last of pids
	"$TESTUDO" run --netns "$1" --config "$tmp/$1.cfg" --interface f0/0=eth0 --name "$1" \
		--dataplane "${DATAPLANE:-auto}" "${@:2}" </dev/null >>"$tmp/$1.log" 2>&1 &
	pids+=($!)
}
registered() { grep -q GM_REGS_COMPL "$tmp/$1.log"; }

start_group() {
	start tdr1
	start tdr3
	start tdr4
	for n in "$@"; do start "$n"; done
	for n in tdr3 tdr4 "$@"; do
		until_true 15 registered "$n" || fail "$n does not register"
	done
}
