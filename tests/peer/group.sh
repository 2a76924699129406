# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the scripts of the independent peer share; sourced. TESTUDO names another binary.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
skip() {
	echo "$*"
	exit 77
}
[ "$(id -u)" = 0 ] || skip "needs root"
for tool in ip nft ss tcpdump tshark; do command -v $tool >/dev/null || skip "needs $tool"; done
ip netns add tdprobe 2>/dev/null && ip netns del tdprobe || skip "no network namespaces here"
[ -e /dev/net/tun ] || skip "no /dev/net/tun"
/usr/bin/python3 -c 'import cryptography' 2>/dev/null || skip "needs python3-cryptography"
# Tests that build namespaces take turns, whoever started them.
exec 9>/tmp/testudo-netns.lock
[ -n "${PEER_NOLOCK:-}" ] || flock 9
