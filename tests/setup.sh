# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What building and testing Testudo takes, in one place. Sourced by tests/run and samples/lab:
#
#   need_packages build [test] [frr] [vm] [package] [coverage] [scan] [fuzz]
#                                     installs what is missing, where it may, else names it and exits 1
#   build_tree DIR [OPTION...]   configures and builds; shows how far it is, and the log when it fails

BUILD_PACKAGES=(
	build-essential cmake pkg-config
	libssl-dev libcli-dev libtelnet-dev libuv1-dev libyaml-dev
	libmnl-dev libnftnl-dev libseccomp-dev libsqlite3-dev libssh-dev libcurl4-openssl-dev libjansson-dev
)
# lowdown makes the man pages, which a test reads.
# Of nftables the tests alone use the program nft: Testudo speaks to the kernel by libnftnl.
TEST_PACKAGES=(
	clang-format etcd-server expect gdb iperf3 iproute2 iputils-ping libcmocka-dev lowdown nftables openssh-client openssl procps python3 python3-cryptography python3-jsonschema python3-yaml tcpdump telnet tmux tshark
)
# What speaks routing protocols on Linux (tests/netns/routes).
FRR_PACKAGES=(frr)
# A machine of our own, with a kernel that has ESP (tests/vm).
VM_PACKAGES=(qemu-system-x86 busybox-static kmod)
# A package for Debian, and a bare Debian to install it on (tests/netns/package).
PACKAGE_PACKAGES=(dpkg-dev file lintian mmdebstrap)
COVERAGE_PACKAGES=(gcovr)
SCAN_PACKAGES=(clang-tidy cppcheck)
# libFuzzer comes with the second.
FUZZ_PACKAGES=(clang libclang-rt-dev)

# A package counts as present when dpkg knows it, or, on another distribution, never: there the
# build itself says what it lacks.
missing_packages() {
	local package
	for package in "$@"; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
			echo "$package"
	done
}

# show_progress LOG: keeps what a program says in LOG. On a terminal one line shows the last of it, and
# of a build, which counts its steps, how long the rest will take.
show_progress() {
	local start=$SECONDS line n of left= columns=${COLUMNS:-80}
	[ ! -t 2 ] || columns=$(tput cols 2>/dev/null || echo 80)
	while IFS= read -r line || [ -n "$line" ]; do
		printf '%s\n' "$line" >>"$1"
		[ -t 2 ] || continue
		if [[ $line =~ ^\[\ *([0-9]+)(%|/([0-9]+))\] ]]; then
			n=${BASH_REMATCH[1]} of=${BASH_REMATCH[3]:-100}
			[ $((SECONDS - start)) -lt 3 ] || [ "$n" -eq 0 ] ||
				left=$(((SECONDS - start) * (of - n) / n))
			[ -z "$left" ] || line="$(printf '%d:%02d left  ' $((left / 60)) $((left % 60)))$line"
		fi
		printf '\r%-*.*s' $((columns - 1)) $((columns - 1)) "$line" >&2
	done
	[ ! -t 2 ] || printf '\r%*s\r' $((columns - 1)) '' >&2
}

# Root's rights for one command: with a password only where somebody can be asked for it.
may_sudo() {
	command -v sudo >/dev/null || return 1
	! sudo -n true 2>/dev/null || return 0
	[ -t 0 ] && [ -t 2 ] || return 1
	echo "setup: packages are missing, and sudo installs them:" "$@" >&2
	sudo -v
}

need_packages() {
	local kind wanted=() missing as_root=()
	for kind in "$@"; do
		case $kind in
		build) wanted+=("${BUILD_PACKAGES[@]}") ;;
		test) wanted+=("${TEST_PACKAGES[@]}") ;;
		frr) wanted+=("${FRR_PACKAGES[@]}") ;;
		coverage) wanted+=("${COVERAGE_PACKAGES[@]}") ;;
		scan) wanted+=("${SCAN_PACKAGES[@]}") ;;
		fuzz) wanted+=("${FUZZ_PACKAGES[@]}") ;;
		package) wanted+=("${PACKAGE_PACKAGES[@]}") ;;
		vm) wanted+=("${VM_PACKAGES[@]}") ;;
		esac
	done
	if ! command -v dpkg-query >/dev/null; then
		echo "setup: not a Debian system; it needs what Debian calls: ${wanted[*]}" >&2
		return 0
	fi
	mapfile -t missing < <(missing_packages "${wanted[@]}")
	[ ${#missing[@]} -gt 0 ] || return 0
	if [ "$(id -u)" != 0 ]; then
		if ! may_sudo "${missing[@]}"; then
			echo "setup: missing packages, and no right to install them. As root:" >&2
			echo "    apt-get install ${missing[*]}" >&2
			exit 1
		fi
		as_root=(sudo -n)
	fi
	echo "setup: installing ${missing[*]}" >&2
	# tshark asks debconf whether users may capture; nobody is there to answer.
	local log
	log=$(mktemp)
	if ! (
		set -o pipefail
		{ "${as_root[@]}" apt-get update && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
			apt-get install -y --no-install-recommends "${missing[@]}"; } 2>&1 </dev/null |
			show_progress "$log"
	); then
		tail -n 30 "$log" >&2
		echo "setup: apt-get failed; these packages are missing: ${missing[*]}" >&2
		exit 1
	fi
	rm -f "$log"
}

build_tree() {
	local dir=$1 log
	shift
	mkdir -p "$dir"
	log=$dir/build.log
	: >"$log"
	[ -e "$dir/CMakeCache.txt" ] || echo "setup: configuring and building $dir; once, this takes some minutes" >&2
	if (
		set -o pipefail
		cmake -S . -B "$dir" "$@" 2>&1 | show_progress "$log" &&
			cmake --build "$dir" -j"$(nproc)" ${BUILD_TARGET:+--target "$BUILD_TARGET"} 2>&1 |
			show_progress "$log"
	); then
		return 0
	fi
	grep -E -A5 'error|Error|undefined reference' "$log" | head -n 60 >&2
	echo "setup: building $dir failed; all of it is in $log" >&2
	return 1
}
