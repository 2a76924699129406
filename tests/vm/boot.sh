# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A Linux that has ESP, where the machine's own has not: Debian's kernel under QEMU, without KVM, on
# this machine's own root (read only, by 9p, with memory laid over what must be writable).
#
#   bash tests/vm/boot.sh [-t SECONDS] [-w FOLDER] COMMAND...
#
# runs the command as root inside, in this directory, and ends with its exit status; 77 and a reason
# when there can be no such machine, 124 when the time (240 s unless told) was over. What it writes
# below FOLDER stays. The kernel is a Debian package, taken once and kept in build-vm/.
set -u
here=$(cd "$(dirname "$0")/../.." && pwd -P)
cache=$(realpath -m "${TESTUDO_VM_CACHE:-$here/build-vm}")
seconds=240
written=

skip() {
	echo "skipped: $*"
	exit 77
}

fetch_kernel() {
	local package scratch
	[ -e "$cache/kernel/ready" ] && return 0
	command -v dpkg-deb >/dev/null || skip "no dpkg to unpack Debian's kernel with"
	# The plain flavour: the one for clouds has no 9p.
	package=$(apt-cache depends linux-image-amd64 2>/dev/null |
		sed -n 's/.*Depends: \(linux-image-[^ ]*-amd64\).*/\1/p' | head -n 1)
	[ -n "$package" ] || skip "apt knows no package linux-image-amd64"
	scratch=$(mktemp -d)
	if ! (cd "$scratch" && apt-get download "$package") >"$scratch/log" 2>&1; then
		tail -n 3 "$scratch/log"
		skip "apt-get cannot download $package"
	fi
	rm -rf "$cache/kernel"
	mkdir -p "$cache/kernel"
	dpkg-deb -x "$scratch"/linux-image-*.deb "$cache/kernel" || skip "$package does not unpack"
	rm -rf "$scratch"
	depmod -b "$cache/kernel" "$(basename "$cache"/kernel/lib/modules/*)" ||
		skip "no depmod for the kernel's modules"
	touch "$cache/kernel/ready"
}

# What the initramfs does: modules for 9p, the machine's root, and the command in it.
init_script() {
	cat <<'INIT'
#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /host
/bin/busybox mount -t devtmpfs dev /dev
. /settings
cd /modules
for m in virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci netfs fscache \
	9pnet 9pnet_virtio 9p; do
	/bin/busybox insmod $m.ko
done
/bin/busybox mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro host /host
for m in proc:proc sysfs:sys devtmpfs:dev tmpfs:run tmpfs:tmp tmpfs:var/tmp tmpfs:mnt tmpfs:root; do
	/bin/busybox mount -t ${m%%:*} none /host/${m#*:}
done
# The checkout and the kernel's modules may lie below one of these.
for shared in ${HERE:+here:$HERE} ${CACHE:+cache:$CACHE}; do
	/bin/busybox mkdir -p "/host${shared#*:}"
	/bin/busybox mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro \
		"${shared%%:*}" "/host${shared#*:}"
done
[ -z "$WRITTEN" ] ||
	/bin/busybox mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000 written "/host$WRITTEN"
/bin/busybox chmod 1777 /host/tmp /host/var/tmp
/bin/busybox ln -s /proc/self/fd /host/dev/fd
/bin/busybox mkdir -p /host/dev/pts /host/dev/shm /host/run/netns /host/run/lock
/bin/busybox mount -t devpts -o ptmxmode=666 none /host/dev/pts
/bin/busybox mount -t tmpfs none /host/dev/shm
# The kernel asks for the modules of its own package, wherever that lies.
printf '#!/bin/sh\nexec /usr/sbin/modprobe -d %s "$@"\n' "$KERNEL" >/host/run/modprobe
/bin/busybox chmod 755 /host/run/modprobe
/bin/busybox cp /command /host/run/command
exec /bin/busybox switch_root /host /bin/bash -c '
	export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb
	echo /run/modprobe >/proc/sys/kernel/modprobe
	ip link set lo up
	/run/modprobe tun
	bash /run/command </dev/null >/dev/ttyS0 2>&1
	echo $? >/dev/ttyS1
	sleep 0.2
	echo o >/proc/sysrq-trigger
	while :; do :; done'
INIT
}

# hidden FOLDER: tells it when the memory that is laid over the machine's root hides it
hidden() {
	case $1 in
	/run/* | /tmp/* | /var/tmp/* | /mnt/* | /root/*) echo "$1" ;;
	esac
}

make_initramfs() { # directory, command...
	local dir=$1 modules name
	shift
	modules=$(echo "$cache"/kernel/lib/modules/*)
	mkdir -p "$dir/root/bin" "$dir/root/modules"
	cp "$(command -v busybox)" "$dir/root/bin/busybox"
	for name in virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci netfs \
		fscache 9pnet 9pnet_virtio 9p; do
		find "$modules" -name "$name.ko" -exec cp {} "$dir/root/modules/" \;
	done
	printf '%s=%q\n' KERNEL "$cache/kernel" WRITTEN "$written" HERE "$(hidden "$here")" \
		CACHE "$(hidden "$cache")" >"$dir/root/settings"
	{
		printf 'cd %q || exit 1\n' "$(pwd -P)"
		printf '%q ' "$@"
		echo
	} >"$dir/root/command"
	init_script >"$dir/root/init"
	chmod 755 "$dir/root/init"
	(cd "$dir/root" && find . | busybox cpio -o -H newc) >"$dir/initramfs" 2>/dev/null
}

while getopts t:w: option; do
	case $option in
	t) seconds=$OPTARG ;;
	w) written=$(realpath "$OPTARG") || exit 2 ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || { sed -n '3,10p' "$0"; exit 2; }
[ "$(uname -m)" = x86_64 ] || skip "the machine under QEMU is an x86_64, this one is not"
PATH=$PATH:/usr/sbin:/sbin
for tool in qemu-system-x86_64 busybox depmod; do
	command -v "$tool" >/dev/null || skip "no $tool (packages qemu-system-x86, busybox-static, kmod)"
done
fetch_kernel
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
make_initramfs "$work" "$@"
timeout --foreground "$seconds" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 1024 \
	-display none -monitor none -no-reboot -nic none \
	-kernel "$cache"/kernel/boot/vmlinuz-* -initrd "$work/initramfs" \
	-append "console=ttyS0 quiet loglevel=1 panic=-1 mitigations=off" \
	-virtfs local,path=/,mount_tag=host,security_model=none,multidevs=remap,readonly=on \
	-virtfs "local,path=$here,mount_tag=here,security_model=none,multidevs=remap,readonly=on" \
	-virtfs "local,path=$cache,mount_tag=cache,security_model=none,multidevs=remap,readonly=on" \
	${written:+-virtfs "local,path=$written,mount_tag=written,security_model=none"} \
	-serial stdio -serial "file:$work/status" </dev/null | tr -d '\r'
status=${PIPESTATUS[0]}
if [ -s "$work/status" ]; then
	exit "$(tr -cd 0-9 <"$work/status")"
fi
[ "$status" != 124 ] || { echo "vm: no end after $seconds s"; exit 124; }
echo "vm: the machine ended without the command's status"
exit 1
