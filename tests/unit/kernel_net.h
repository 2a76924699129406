/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A network of the kernel's own: members and a transit router in namespaces joined by veth, two of
 * the members with a host behind each, and what a group of them is given by hand.
 */
#ifndef TESTUDO_TESTS_KERNEL_NET_H
#define TESTUDO_TESTS_KERNEL_NET_H

#include <unistd.h>

#include "tests/unit/kernel.h"

#define A "tsta" /* member, core 10.9.1.2, LAN 192.168.1.0/24, loopback 192.168.3.3 */
#define B "tstb" /* member, core 10.9.2.2, LAN 192.168.2.0/24, loopback 192.168.4.4 */
#define C "tstc" /* member, core 10.9.3.2, loopback 192.168.5.5 */
#define R "tstr" /* the core */
#define H "tsth" /* a host behind A, 192.168.1.10 */
#define K "tstk" /* a host behind B, 192.168.2.10 */

static const char *const net_build[] = {
    "for n in tsta tstb tstc tstr tsth tstk; do ip netns add $n && ip -n $n link set lo up; done",
    "ip link add c0 netns tsta type veth peer name a0 netns tstr",
    "ip link add c0 netns tstb type veth peer name b0 netns tstr",
    "ip link add l0 netns tsta type veth peer name e0 netns tsth",
    "ip link add l0 netns tstb type veth peer name e0 netns tstk",
    "ip -n tsta addr add 10.9.1.2/24 dev c0; ip -n tstr addr add 10.9.1.1/24 dev a0",
    "ip -n tstb addr add 10.9.2.2/24 dev c0; ip -n tstr addr add 10.9.2.1/24 dev b0",
    "ip -n tsta addr add 192.168.1.1/24 dev l0; ip -n tsth addr add 192.168.1.10/24 dev e0",
    "ip -n tstb addr add 192.168.2.1/24 dev l0; ip -n tstk addr add 192.168.2.10/24 dev e0",
    "ip -n tsta addr add 192.168.3.3/32 dev lo; ip -n tstb addr add 192.168.4.4/32 dev lo",
    "for x in tsta:c0 tsta:l0 tstb:c0 tstb:l0 tstr:a0 tstr:b0 tsth:e0 tstk:e0; do "
    "ip -n ${x%:*} link set ${x#*:} up; done",
    "ip -n tsta route add default via 10.9.1.1; ip -n tstb route add default via 10.9.2.1",
    "ip -n tsth route add default via 192.168.1.1; ip -n tstk route add default via 192.168.2.1",
    "ip link add c0 netns tstc type veth peer name d0 netns tstr",
    "ip -n tstc addr add 10.9.3.2/24 dev c0; ip -n tstr addr add 10.9.3.1/24 dev d0",
    "ip -n tstc addr add 192.168.5.5/32 dev lo; ip -n tstc link set c0 up; ip -n tstr link set "
    "d0 up",
    "ip -n tstc route add default via 10.9.3.1; ip -n tstr route add 192.168.5.5 via 10.9.3.2",
    "ip -n tstr route add 192.168.1.0/24 via 10.9.1.2; ip -n tstr route add 192.168.3.3 via "
    "10.9.1.2",
    "ip -n tstr route add 192.168.2.0/24 via 10.9.2.2; ip -n tstr route add 192.168.4.4 via "
    "10.9.2.2",
    "for n in tsta tstb tstc tstr; do ip netns exec $n sysctl -qw net.ipv4.ip_forward=1; done",
};

static inline void
net_down(void)
{
	run_command("for n in tsta tstb tstc tstr tsth tstk; do ip netns del $n; done 2>/dev/null");
}

/* False, with the reason said, where there can be none. */
static inline bool
net_up(void)
{
	if (geteuid() != 0) {
		fprintf(stderr, "skipped: needs root\n");
		return false;
	}
	if (run_command("ip -V >/dev/null 2>&1 && command -v ping >/dev/null && command -v nft "
	                ">/dev/null")) {
		fprintf(stderr, "skipped: needs ip, ping and nft\n");
		return false;
	}
	take_turn();
	net_down();
	for (size_t i = 0; i < ARRAY_SIZE(net_build); i++)
		if (run_command("%s", net_build[i])) {
			fprintf(stderr, "skipped: no network namespaces here: %s\n", net_build[i]);
			net_down();
			return false;
		}
	return true;
}

/* The dataplane of a member, by tun_new or xfrm_new. */
static inline struct dataplane *
net_member(uv_loop_t *loop, const char *name,
           int (*new)(const struct kernel_dataplane_options *o, struct dataplane **ret))
{
	struct kernel_dataplane_options o = {.loop = loop, .name = name, .device = device_of};
	struct dataplane *dp;
	char path[64];

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	o.netns = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(o.netns >= 0);
	assert_int_equal(new (&o, &dp), 0);
	return dp;
}

static uint8_t key1[24] = "0123456789abcdefghijklmn", auth[20] = "abcdefghijklmnopqrst";

static const struct dp_binding binding = {.interface = "FastEthernet0/0", .seq = 10};
static const struct dp_entry entries[] = {
    {.selector = {.proto = 6, .dport = 22}},
    {.selector = {.permit = true,
                  .src = 0xc0a80000,
                  .src_mask = 0xffff0000,
                  .dst = 0xc0a80000,
                  .dst_mask = 0xffff0000},
     .sa = 1},
};

#endif
