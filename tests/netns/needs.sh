# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What tests in network namespaces need of a machine; sourced. A command in a namespace (`ip netns
# exec`) has mounts of its own, which some containers refuse.
skip() {
	echo "$*"
	exit 77
}

# need_namespaces TOOL...: else skips; then it is this test's turn, whoever started the others
need_namespaces() {
	local tool why
	[ "$(id -u)" = 0 ] || skip "needs root"
	for tool in ip "$@"; do command -v "$tool" >/dev/null || skip "needs $tool"; done
	exec 9</run
	flock 9
	ip netns add tdprobe 2>/dev/null || skip "no network namespaces here"
	why=$(ip netns exec tdprobe true 2>&1) || {
		ip netns del tdprobe
		skip "no command can be run in a network namespace here: ${why:-ip netns exec fails}"
	}
	ip netns del tdprobe
}

until_true() { # SECONDS COMMAND...: as long as it takes, but no longer
	local tries=$(($1 * 10))
	shift
	for ((; tries > 0; tries--)); do
		"$@" && return 0
		sleep 0.1
	done
	return 1
}
