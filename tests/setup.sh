# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What building and testing Testudo takes, in one place. Sourced by tests/run and samples/lab:
#
#   need_packages build [test] [vm] [package] [coverage] [scan] [fuzz]
#                                     installs what is missing, where it may, else names it and exits 1
#   build_tree DIR [OPTION...]   configures and builds quietly; shows the log only when it fails

BUILD_PACKAGES=(
	build-essential cmake pkg-config
	libssl-dev libcli-dev libtelnet-dev libuv1-dev libyaml-dev libcmocka-dev
	libmnl-dev libnftnl-dev libseccomp-dev libsqlite3-dev libssh-dev libcurl4-openssl-dev libjansson-dev
	lowdown
)
# Of nftables the tests alone use the program nft: Testudo speaks to the kernel by libnftnl.
TEST_PACKAGES=(
	clang-format etcd-server expect gdb iperf3 iproute2 iputils-ping nftables openssh-client openssl procps python3 python3-cryptography python3-jsonschema python3-yaml tcpdump telnet tmux tshark
)
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

need_packages() {
	local kind wanted=() missing as_root=()
	for kind in "$@"; do
		case $kind in
		build) wanted+=("${BUILD_PACKAGES[@]}") ;;
		test) wanted+=("${TEST_PACKAGES[@]}") ;;
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
		if ! sudo -n true 2>/dev/null; then
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
	if ! { "${as_root[@]}" apt-get update &&
		"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
			apt-get install -y --no-install-recommends "${missing[@]}"; } \
		>"$log" 2>&1 </dev/null; then
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
	if cmake -S . -B "$dir" "$@" >"$log" 2>&1 &&
		cmake --build "$dir" -j"$(nproc)" ${BUILD_TARGET:+--target "$BUILD_TARGET"} >>"$log" 2>&1; then
		return 0
	fi
	grep -E -A5 'error|Error|undefined reference' "$log" | head -n 60 >&2
	echo "setup: building $dir failed; all of it is in $log" >&2
	return 1
}
