# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the lab tests share; sourced. TESTUDO names another binary (tests/lab/sanitizers does).
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
TESTUDO=${TESTUDO:-build/testudo}
export TESTUDO_CAGE=${TESTUDO_CAGE-kill} # a system call that is not in the cage's list ends its process
LAB=samples/routers/lab.yaml
DOC=samples/routers/lab.txt
VERIFY=samples/routers/verify.txt
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

fail() {
	echo "FAILED: $*"
	exit 1
}

skip() {
	echo "$*"
	exit 77
}

need() { # programs
	local p
	for p; do command -v "$p" >/dev/null || skip "there is no $p"; done
}

# Plays into the routers lab; stdin may be a document (--play -).
play() {
	"$TESTUDO" lab "$LAB" "$@"
}

# must FILE REGEX...: every one is found in the file
must() {
	local file=$1 regex
	shift
	for regex; do
		grep -Eq -- "$regex" "$file" || {
			tail -n 40 "$file"
			fail "nothing matches $regex"
		}
	done
}

must_not() {
	local file=$1 regex
	shift
	for regex; do
		! grep -E -- "$regex" "$file" || fail "something matches $regex"
	done
}
