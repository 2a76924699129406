# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the scripts of the independent peer share; sourced. TESTUDO names another binary.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. tests/netns/needs.sh
need_namespaces nft ss tcpdump tshark
[ -e /dev/net/tun ] || skip "no /dev/net/tun"
/usr/bin/python3 -c 'import cryptography' 2>/dev/null || skip "needs python3-cryptography"
