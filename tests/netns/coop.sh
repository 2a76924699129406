# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Two key servers of one group that cooperate, tdr1 and tdr5, and the members tdr3 and tdr4; sourced.
# `store` is what the servers share, as `crypto gdoi store` takes it; options of `testudo run` for the
# servers are in server_options.
. "$(dirname "${BASH_SOURCE[0]}")/group.sh"
server_options=()
# The second key server stands where the third member does elsewhere.
mkdir "$tmp/credentials"
head -c 32 /dev/urandom >"$tmp/credentials/testudo-store-key"
export CREDENTIALS_DIRECTORY=$tmp/credentials
server() { # node name address priority peer
	cat >"$tmp/$1.cfg" <<END
hostname $2
ip domain-name example.com
crypto isakmp policy 10
 authentication pre-share
crypto isakmp key GET_R3 address 10.1.23.3
crypto isakmp key GET_R4 address 10.1.24.4
crypto ipsec transform-set TSET esp-gcm 128
crypto ipsec profile GET_PRO
 set transform-set TSET
 set security-association lifetime seconds 3600
crypto gdoi store $store
crypto gdoi group GET_VPN
 identity number 134
 server local
  rekey algorithm aes 256
  rekey retransmit 10 number 2
  rekey authentication mypubkey rsa REKEY shared
  rekey transport unicast
  sa ipsec 1
   profile GET_PRO
   match address ipv4 LAN_LIST
  address ipv4 $3
  redundancy
   local priority $4
   peer address ipv4 $5
interface FastEthernet0/0
 ip address $3 255.255.255.0
ip route 0.0.0.0 0.0.0.0 ${3%.*}.2
ip access-list extended LAN_LIST
 deny udp any eq 848 any eq 848
 permit ip 192.168.0.0 0.0.255.255 192.168.0.0 0.0.255.255
END
}
configure_servers() {
	server tdr1 R1 10.1.12.1 100 10.1.25.5
	sed -i '/^crypto isakmp policy/i crypto key generate rsa modulus 2048 label REKEY' "$tmp/tdr1.cfg"
	server tdr5 R5 10.1.25.5 75 10.1.12.1
	for n in tdr3 tdr4; do
		sed -i -e 's/^\(crypto isakmp key .*\) address 10.1.12.1/&\n\1 address 10.1.25.5/' \
			-e 's/^ server address ipv4 10.1.12.1/&\n server address ipv4 10.1.25.5/' "$tmp/$n.cfg"
	done
}

declare -A ks
start_server() {
	start "$1" --socket "$tmp/$1.line" "${server_options[@]}"
	ks[$1]=${pids[-1]}
}
sh() { timeout 10 "$TESTUDO" sh --socket "$tmp/$1.line" -c "$2"; }
led() { grep -c 'COOP_KS_TRANS_TO_PRI' "$tmp/$1.log"; }
leads_since() { [ "$(led "$1")" -gt "$2" ]; }
# On a busy machine a lease of two seconds may end by itself: who leads is asked for, and what is held
# against it is that one leads and not two, that keys stay, and that members notice nothing.
accept_rekey() {
	local n accepted=0
	for n in tdr1 tdr5; do
		sh $n 'crypto gdoi ks rekey' >/dev/null 2>&1 && { leader=$n; accepted=$((accepted + 1)); }
	done
	[ $accepted = 1 ]
}
members_are() { [ "$(sh "$1" 'show crypto gdoi ks members' | grep -c 'Group Member ID')" = "$2" ]; }
registrations() { cat "$tmp/tdr3.log" "$tmp/tdr4.log" | grep -c 'GDOI-5-GM_REGS_COMPL'; }
received() { grep -c 'GM_RECV_REKEY' "$tmp/$1.log"; }
received_more() { [ "$(received tdr3)" -gt "$1" ] && [ "$(received tdr4)" -gt "${2:-$1}" ]; }

# Runs a command while members ping each other: no ping is lost, nobody registers.
quietly() {
	local before
	before=$(registrations)
	ip netns exec tdr3 ping -i 0.1 -W 2 -I 192.168.3.3 192.168.4.4 >"$tmp/ping" 2>&1 &
	ping=$!
	"$@"
	sleep 1
	kill -INT $ping
	wait $ping 2>/dev/null
	grep -o 'icmp_seq=[0-9]*' "$tmp/ping" | cut -d= -f2 | sort -nu >"$tmp/answers"
	awk '$1 != NR { exit 1 }' "$tmp/answers" || fail "$*: pings are lost: $(tail -n 3 "$tmp/ping")"
	[ "$(registrations)" = "$before" ] || fail "$*: members registered again"
	grep -q 'REKEY_SEQ_FAILURE' "$tmp"/tdr[34].log && fail "$*: a sequence number went back"
	echo "$*: $(grep -o '[0-9]* packets transmitted, [0-9]* received' "$tmp/ping")"
}

# The other one leads, and rekeys.
takes_over() { # node led-before
	local n
	until_true 60 leads_since "$1" "$2" || fail "$1 does not take over"
	n=$(received tdr3)
	sh "$1" 'crypto gdoi ks rekey' >/dev/null || fail "$1 does not rekey"
	until_true 60 received_more "$n" || fail "members get no rekey of $1"
}
other_of() { [ "$1" = tdr1 ] && echo tdr5 || echo tdr1; }

spi() { sh "$1" 'show crypto gdoi ks policy' | grep -o 'spi *: 0x[0-9A-F]*' | sort -u; }
same_keys() { [ -n "$(spi tdr1)" ] && [ "$(spi tdr1)" = "$(spi tdr5)" ]; }
# A rekey that was accepted may wait for the end of the one before it.
keys_rest() {
	local keys
	keys=$(spi tdr1)
	sleep 5
	same_keys && [ "$(spi tdr1)" = "$keys" ]
}

start_servers() { # and their members
	start_server tdr1
	until_true 20 leads_since tdr1 0 || fail "nobody leads"
	start_server tdr5
	start tdr3
	start tdr4
	member4=${pids[-1]}
	for n in tdr3 tdr4; do until_true 20 registered $n || fail "$n does not register"; done
	until_true 5 members_are tdr5 2 || fail "the second server does not know the members"
}
