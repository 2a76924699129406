/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datagrams in the namespaces of kernel_net.h, sent and awaited while a loop turns, and what both
 * of a kernel's dataplanes must do with them. A test file says by `fresh` which of the two it is
 * about.
 */
#ifndef TESTUDO_TESTS_KERNEL_UDP_H
#define TESTUDO_TESTS_KERNEL_UDP_H

#include <arpa/inet.h>
#include <errno.h>
#include <linux/mroute.h>
#include <net/if.h>
#include <sys/socket.h>

#include "runtime/base/netns.h"
#include "tests/unit/kernel_net.h"

struct udp {
	const char *local;
	uint16_t port;
	uint32_t mark;
	const char *group, *device; /* joined there; NULL: none */
	int fd;
};

static inline struct sockaddr_in
udp_address(const char *addr, uint16_t port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};

	assert_int_equal(inet_pton(AF_INET, addr, &a.sin_addr), 1);
	return a;
}

static inline int
udp_open_inside(void *arg)
{
	struct udp *u = arg;
	struct sockaddr_in a = udp_address(u->local, u->port);
	struct ip_mreqn m = {.imr_ifindex = 0};

	u->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (u->fd < 0 || setsockopt(u->fd, SOL_SOCKET, SO_MARK, &u->mark, sizeof(u->mark)) ||
	    bind(u->fd, (struct sockaddr *)&a, sizeof(a)))
		return -errno;
	if (!u->group)
		return 0;
	m.imr_ifindex = (int)if_nametoindex(u->device);
	inet_pton(AF_INET, u->group, &m.imr_multiaddr);
	return setsockopt(u->fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &m, sizeof(m)) ? -errno : 0;
}

static inline int
inside_netns(const char *ns, int (*fn)(void *arg), void *arg)
{
	char path[64];
	int netns, result;

	snprintf(path, sizeof(path), "/run/netns/%s", ns);
	netns = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(netns >= 0);
	result = netns_inside(netns, fn, arg);
	close(netns);
	return result;
}

struct device_index {
	const char *device;
	int index;
};

static inline int
device_index_inside(void *arg)
{
	struct device_index *d = arg;

	d->index = (int)if_nametoindex(d->device);
	return d->index ? 0 : -errno;
}

static inline int
device_index(const char *ns, const char *device)
{
	struct device_index d = {.device = device};

	assert_int_equal(inside_netns(ns, device_index_inside, &d), 0);
	return d.index;
}

/* A socket in a namespace: local address and port (0: any), and a mark. */
static inline struct udp
udp_new(const char *ns, const char *local, uint16_t port, uint32_t mark)
{
	struct udp u = {.local = local, .port = port, .mark = mark};

	assert_int_equal(inside_netns(ns, udp_open_inside, &u), 0);
	return u;
}

/* One that has joined a group on a device. */
static inline struct udp
udp_join(const char *ns, const char *group, const char *device, uint16_t port, uint32_t mark)
{
	struct udp u = {
	    .local = "0.0.0.0", .port = port, .mark = mark, .group = group, .device = device};

	assert_int_equal(inside_netns(ns, udp_open_inside, &u), 0);
	return u;
}

static inline void
turn_loop(uv_loop_t *loop, int ms)
{
	while (ms-- > 0) {
		uv_run(loop, UV_RUN_NOWAIT);
		usleep(1000);
	}
}

static inline void
udp_send_size(const struct udp *u, const char *to, uint16_t port, size_t n)
{
	static const uint8_t bytes[65000];
	struct sockaddr_in a = udp_address(to, port);

	/* that it cannot leave is told to whom it was sent by, sometimes with the next datagram */
	if (sendto(u->fd, bytes, n, 0, (struct sockaddr *)&a, sizeof(a)) < 0)
		return;
}

static inline void
udp_send(const struct udp *u, const char *to, uint16_t port)
{
	udp_send_size(u, to, port, 100);
}

/* How many datagrams arrive here within ms. */
static inline int
udp_count(uv_loop_t *loop, const struct udp *u, int ms)
{
	char buf[65536];
	int n = 0;

	for (; ms > 0; ms -= 5) {
		turn_loop(loop, 5);
		while (recv(u->fd, buf, sizeof(buf), 0) >= 0)
			n++;
	}
	return n;
}

static inline bool
udp_heard(uv_loop_t *loop, const struct udp *u)
{
	char buf[65536];

	for (int i = 0; i < 400; i++) {
		turn_loop(loop, 5);
		if (recv(u->fd, buf, sizeof(buf), 0) >= 0)
			return true;
	}
	return false;
}

/* --- the members ------------------------------------------------------------------------------ */

typedef int new_dataplane(const struct kernel_dataplane_options *o, struct dataplane **ret);

struct pair {
	uv_loop_t loop;
	struct dataplane *a, *b;
};

static inline void
give_policy(struct dataplane *dp, const struct dp_entry *list, size_t n)
{
	struct dp_sa sa = {.sa = 1,
	                   .spi = 0x1000,
	                   .suite = {CIPHER_AES_128, HASH_SHA1},
	                   .enc_key = SPAN(key1, 16),
	                   .auth_key = SPAN(auth, 20),
	                   .window = 64,
	                   .send = true,
	                   .receive = true};
	struct dp_group g = {.name = "G",
	                     .n_bindings = 1,
	                     .bindings = &binding,
	                     .n_entries = n,
	                     .entries = list,
	                     .n_sas = 1,
	                     .sas = &sa};

	assert_int_equal(dp->ops->set(dp, &g), 0);
}

static inline void
pair_begin(struct pair *p, new_dataplane *fresh)
{
	uv_loop_init(&p->loop);
	p->a = net_member(&p->loop, A, fresh);
	p->b = net_member(&p->loop, B, fresh);
	run_command("ip -n tstr addr add 192.168.77.1/32 dev lo");
}

static inline void
pair_end(struct pair *p)
{
	p->a->ops->close(p->a);
	p->b->ops->close(p->b);
	uv_run(&p->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&p->loop), 0);
	net_down();
}

/* --- multicast routes ------------------------------------------------------------------------- */

#define GROUP "239.192.1.1"

struct mroute {
	const char *devices[4]; /* from the first to the others; then NULL */
	int fd;
};

static inline int
mroute_inside(void *arg)
{
	struct mroute *m = arg;
	struct vifctl v = {.vifc_flags = VIFF_USE_IFINDEX, .vifc_threshold = 1};
	int on = 1;

	m->fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_IGMP);
	if (m->fd < 0 || setsockopt(m->fd, IPPROTO_IP, MRT_INIT, &on, sizeof(on)))
		return -errno;
	for (int i = 0; m->devices[i]; i++) {
		v.vifc_vifi = (vifi_t)i;
		v.vifc_lcl_ifindex = (int)if_nametoindex(m->devices[i]);
		if (setsockopt(m->fd, IPPROTO_IP, MRT_ADD_VIF, &v, sizeof(v)))
			return -errno;
	}
	return 0;
}

/* What origin sends to GROUP goes from the first device to the others. */
static inline void
mroute_from(const struct mroute *m, const char *origin)
{
	struct mfcctl c = {.mfcc_parent = 0};

	for (int i = 1; m->devices[i]; i++)
		c.mfcc_ttls[i] = 1;
	inet_pton(AF_INET, origin, &c.mfcc_origin);
	inet_pton(AF_INET, GROUP, &c.mfcc_mcastgrp);
	assert_int_equal(setsockopt(m->fd, IPPROTO_IP, MRT_ADD_MFC, &c, sizeof(c)), 0);
}

static inline struct mroute
mroute_new(const char *ns, const char *from, const char *to, const char *also)
{
	struct mroute m = {.devices = {from, to, also}};

	assert_int_equal(inside_netns(ns, mroute_inside, &m), 0);
	return m;
}

/* What this socket sends to groups leaves by a device. */
static inline void
udp_leave_by(const struct udp *u, const char *ns, const char *device, bool bound)
{
	struct ip_mreqn m = {.imr_ifindex = 0};
	int loop = 1;

	m.imr_ifindex = device_index(ns, device);
	assert_int_equal(setsockopt(u->fd, IPPROTO_IP, IP_MULTICAST_IF, &m, sizeof(m)), 0);
	assert_int_equal(setsockopt(u->fd, IPPROTO_IP, IP_MULTICAST_LOOP, &loop, sizeof(loop)), 0);
	if (bound)
		assert_int_equal(setsockopt(u->fd, SOL_SOCKET, SO_BINDTODEVICE, device,
		                            (socklen_t)strlen(device)),
		                 0);
}

/* --- watching --------------------------------------------------------------------------------- */

/* What the core sees of a filter from here on, in tcpdump's words. */
static inline void
watch_core(const char *filter)
{
	run_command("rm -f " SCRATCH
	            "/watch.pcap; ip netns exec tstr tcpdump --immediate-mode -ni any -U "
	            "-w " SCRATCH "/watch.pcap '%s' 2>/dev/null & "
	            "echo $! >" SCRATCH "/watch.pid; for i in $(seq 50); do test -s " SCRATCH
	            "/watch.pcap && break; sleep 0.1; done; sleep 0.2",
	            filter);
}

static inline void
watch_end(void)
{
	run_command("sleep 0.3; kill $(cat " SCRATCH "/watch.pid); sleep 0.2");
}

static inline bool
was_watched(const char *filter)
{
	return run_command("tcpdump -nr " SCRATCH "/watch.pcap '%s' 2>/dev/null | grep -q .",
	                   filter) == 0;
}

/* --- what both dataplanes must do ------------------------------------------------------------- */

/* Port 848 is this node's own business only at its own addresses and its daemon's socket. */
static inline void
others_port_848_is_protected(new_dataplane *fresh)
{
	struct udp host, core, lan, own, program;
	struct pair p;

	pair_begin(&p, fresh);
	give_policy(p.a, entries, ARRAY_SIZE(entries));
	give_policy(p.b, entries, ARRAY_SIZE(entries));
	host = udp_new(H, "192.168.1.10", 848, 0);
	core = udp_new(R, "192.168.77.1", 848, 0);
	lan = udp_new(K, "0.0.0.0", 848, 0);
	own = udp_new(B, "0.0.0.0", 848, MARK_OWN);
	program = udp_new(B, "0.0.0.0", 849, 0);
	watch_core("src 192.168.1.10 or src 192.168.4.4");
	udp_send(&host, "192.168.2.10", 848);
	assert_true(udp_heard(&p.loop, &lan));
	/* a program here that talks to somebody's port 848 is traffic like any other */
	udp_send(&program, "192.168.1.10", 848);
	watch_end();
	assert_false(was_watched("udp"));
	assert_true(was_watched("esp and src 192.168.1.10"));
	/* injected in clear */
	udp_send(&core, "192.168.2.10", 848);
	assert_int_equal(udp_count(&p.loop, &lan, 300), 0);
	udp_send(&core, "192.168.4.4", 849);
	assert_int_equal(udp_count(&p.loop, &program, 300), 0);
	/* a key server that the policy covers is still heard */
	udp_send(&core, "192.168.4.4", 848);
	assert_true(udp_heard(&p.loop, &own));
	close(host.fd);
	close(core.fd);
	close(lan.fd);
	close(own.fd);
	close(program.fd);
	pair_end(&p);
}

/* `match address`: deny udp host 192.168.1.10 any eq 5000, on A alone. */
static const struct dp_entry local_entries[] = {
    {.selector = {.proto = 17, .src = 0xc0a8010a, .src_mask = UINT32_MAX, .dport = 5000},
     .local = true},
    {.selector = {.permit = true,
                  .src = 0xc0a80000,
                  .src_mask = 0xffff0000,
                  .dst = 0xc0a80000,
                  .dst_mask = 0xffff0000},
     .sa = 1},
};

static inline void
local_deny_is_asked_mirrored(new_dataplane *fresh)
{
	struct udp client, server, wrong, member;
	struct pair p;

	pair_begin(&p, fresh);
	give_policy(p.a, local_entries, ARRAY_SIZE(local_entries));
	give_policy(p.b, local_entries + 1, 1);
	client = udp_new(H, "192.168.1.10", 5000, 0);
	server = udp_new(R, "192.168.77.1", 5000, 0);
	wrong = udp_new(R, "192.168.77.1", 5001, 0);
	member = udp_new(K, "192.168.2.10", 5000, 0);
	udp_send(&client, "192.168.77.1", 5000);
	assert_true(udp_heard(&p.loop, &server));
	/* the answer comes in clear */
	udp_send(&server, "192.168.1.10", 5000);
	assert_true(udp_heard(&p.loop, &client));
	/* to its port, but not from the one that is excepted */
	udp_send(&wrong, "192.168.1.10", 5000);
	assert_int_equal(udp_count(&p.loop, &client, 300), 0);
	/* a member that knows nothing of our deny encrypts its answer */
	watch_core("src 192.168.2.10");
	udp_send(&member, "192.168.1.10", 5000);
	assert_true(udp_heard(&p.loop, &client));
	watch_end();
	assert_true(was_watched("esp"));
	assert_false(was_watched("udp"));
	close(client.fd);
	close(server.fd);
	close(wrong.fd);
	close(member.fd);
	pair_end(&p);
}

/* permit ip 10.9.0.0 0.0.255.255 host 239.192.1.1, and of 192.168.0.0 likewise */
static const struct dp_entry multicast_entries[] = {
    {.selector = {.permit = true,
                  .src = 0x0a090000,
                  .src_mask = 0xffff0000,
                  .dst = 0xefc00101,
                  .dst_mask = UINT32_MAX},
     .sa = 1},
    {.selector = {.permit = true,
                  .src = 0xc0a80000,
                  .src_mask = 0xffff0000,
                  .dst = 0xefc00101,
                  .dst_mask = UINT32_MAX},
     .sa = 1},
};

/*
 * A member's own packets to a group, by its route, by a device that is named, from another
 * interface's address, and those that the kernel forwards: none leaves in clear.
 */
static inline void
multicast_leaves_closed(new_dataplane *fresh)
{
	struct udp routed, named, bound, host;
	struct mroute route;
	struct pair p;

	pair_begin(&p, fresh);
	run_command("ip -n tsth route add 224.0.0.0/4 dev e0");
	give_policy(p.a, multicast_entries, ARRAY_SIZE(multicast_entries));
	give_policy(p.b, multicast_entries, ARRAY_SIZE(multicast_entries));
	routed = udp_new(A, "10.9.1.2", 7000, 0);
	named = udp_new(A, "192.168.1.1", 7000, 0);
	bound = udp_new(A, "192.168.1.1", 7001, 0);
	udp_leave_by(&named, A, "c0", false);
	udp_leave_by(&bound, A, "c0", true);
	host = udp_new(H, "192.168.1.10", 7000, 0);
	setsockopt(host.fd, IPPROTO_IP, IP_MULTICAST_TTL, &(int){8}, sizeof(int));
	route = mroute_new(A, "l0", "c0", NULL);
	mroute_from(&route, "192.168.1.10");
	watch_core("dst " GROUP);
	for (int i = 0; i < 5; i++) {
		udp_send(&routed, GROUP, 5000);
		udp_send(&named, GROUP, 5000);
		udp_send(&bound, GROUP, 5000);
		udp_send(&host, GROUP, 5000);
		turn_loop(&p.loop, 20);
	}
	watch_end();
	assert_false(was_watched("udp"));
	close(routed.fd);
	close(named.fd);
	close(bound.fd);
	close(host.fd);
	close(route.fd);
	pair_end(&p);
}

/*
 * Multicast between members A, B and C: from a host behind A and from A itself, to hosts that
 * joined behind B, and to B, C and A that joined on their core device.
 */
struct cast {
	struct pair p;
	struct dataplane *c;
	struct mroute a, b, core;
	struct udp host, routed, named;         /* senders */
	struct udp at_b, at_c, at_a, at_b_host; /* receivers */
};

static inline void
cast_begin(struct cast *t, new_dataplane *fresh, const struct dp_entry *list, size_t n)
{
	static const char *const origins[] = {"192.168.1.10", "10.9.1.2", "192.168.1.1",
	                                      "192.168.77.1"};
	const int ttl = 8;

	pair_begin(&t->p, fresh);
	t->c = net_member(&t->p.loop, C, fresh);
	give_policy(t->p.a, list, n);
	give_policy(t->p.b, list, n);
	give_policy(t->c, list, n);
	run_command(
	    "ip -n tsth route add 224.0.0.0/4 dev e0; ip -n tstr route add 224.0.0.0/4 dev b0");
	t->a = mroute_new(A, "l0", "c0", NULL);
	mroute_from(&t->a, "192.168.1.10");
	t->core = mroute_new(R, "a0", "b0", "d0");
	t->b = mroute_new(B, "c0", "l0", NULL);
	for (size_t i = 0; i < ARRAY_SIZE(origins); i++) {
		mroute_from(&t->core, origins[i]);
		mroute_from(&t->b, origins[i]);
	}
	t->host = udp_new(H, "192.168.1.10", 7000, 0);
	t->routed = udp_new(A, "10.9.1.2", 7000, 0);
	t->named = udp_new(A, "192.168.1.1", 7000, 0);
	udp_leave_by(&t->named, A, "c0", false);
	setsockopt(t->host.fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof(ttl));
	setsockopt(t->routed.fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof(ttl));
	setsockopt(t->named.fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof(ttl));
	t->at_a = udp_join(A, GROUP, "c0", 5000, 0);
	t->at_b = udp_join(B, GROUP, "c0", 5000, 0);
	t->at_c = udp_join(C, GROUP, "c0", 5000, 0);
	t->at_b_host = udp_join(K, GROUP, "e0", 5000, 0);
}

static inline void
cast_end(struct cast *t)
{
	close(t->host.fd);
	close(t->routed.fd);
	close(t->named.fd);
	close(t->at_a.fd);
	close(t->at_b.fd);
	close(t->at_c.fd);
	close(t->at_b_host.fd);
	close(t->a.fd);
	close(t->b.fd);
	close(t->core.fd);
	t->c->ops->close(t->c);
	pair_end(&t->p);
}

static inline void
multicast_is_carried(new_dataplane *fresh)
{
	struct cast t;
	struct udp core;
	struct dp_stat stat;
	const struct udp *own[2];
	const size_t sizes[] = {100, 1472, 3000, 30000};

	cast_begin(&t, fresh, multicast_entries, ARRAY_SIZE(multicast_entries));
	own[0] = &t.routed;
	own[1] = &t.named;
	watch_core("dst " GROUP);
	/* forwarded by multicast routes, from the LAN behind A to that behind B */
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		udp_send_size(&t.host, GROUP, 5000, sizes[i]);
		assert_true(udp_heard(&t.p.loop, &t.at_b_host));
		assert_true(udp_heard(&t.p.loop, &t.at_b));
		assert_true(udp_heard(&t.p.loop, &t.at_c));
	}
	/* A's own, by its route and from another interface's address */
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		udp_send(own[i], GROUP, 5000);
		assert_true(udp_heard(&t.p.loop, &t.at_b_host));
		assert_true(udp_heard(&t.p.loop, &t.at_b));
		assert_true(udp_heard(&t.p.loop, &t.at_c));
		assert_int_equal(udp_count(&t.p.loop, &t.at_b, 100), 0); /* once */
	}
	assert_true(udp_heard(&t.p.loop, &t.at_a)); /* as it has joined itself */
	watch_end();
	assert_false(was_watched("udp"));
	assert_true(was_watched("esp and src 192.168.1.10 and ip[8] = 7"));
	assert_true(was_watched("esp and src 10.9.1.2 and ip[8] = 8"));
	assert_true(was_watched("esp and src 192.168.1.1"));
	/* injected in clear */
	core = udp_new(R, "192.168.77.1", 7000, 0);
	udp_leave_by(&core, R, "b0", false);
	setsockopt(core.fd, IPPROTO_IP, IP_MULTICAST_TTL, &(int){8}, sizeof(int));
	udp_send(&core, GROUP, 5000);
	assert_int_equal(udp_count(&t.p.loop, &t.at_b, 300), 0);
	assert_int_equal(udp_count(&t.p.loop, &t.at_b_host, 50), 0);
	close(core.fd);
	assert_true(t.p.a->ops->stat(t.p.a, "G", &stat));
	assert_true(stat.entries[0].out_packets + stat.entries[1].out_packets >= 6);
	assert_true(t.p.b->ops->stat(t.p.b, "G", &stat));
	assert_true(stat.entries[0].in_packets + stat.entries[1].in_packets >= 6);
	assert_true(stat.entries[1].clear_drops >= 1);
	assert_int_equal(stat.sas[0].replay_drops, 0);
	cast_end(&t);
}

/*
 * ESP that is led to a member which is not behind it (the core was told wrong ways) is decrypted,
 * and does not go back into the core so.
 */
static inline void
what_turns_back_is_encrypted(new_dataplane *fresh)
{
	struct udp sender;
	struct pair p;

	pair_begin(&p, fresh);
	give_policy(p.a, entries, ARRAY_SIZE(entries));
	give_policy(p.b, entries, ARRAY_SIZE(entries));
	run_command("ip -n tstr route add 192.168.66.6 via 10.9.1.2");
	sender = udp_new(B, "192.168.4.4", 7000, 0);
	watch_core("dst 192.168.66.6");
	for (int i = 0; i < 3; i++) {
		udp_send(&sender, "192.168.66.6", 5000);
		turn_loop(&p.loop, 50);
	}
	watch_end();
	assert_true(was_watched("esp"));
	assert_false(was_watched("udp"));
	close(sender.fd);
	pair_end(&p);
}

/*
 * deny udp any any eq 5001, permit udp any any: the ports of a packet in pieces stand in the first.
 */
static const struct dp_entry port_entries[] = {
    {.selector = {.proto = 17, .dport = 5001}},
    {.selector = {.permit = true, .proto = 17, .dport = 5000}, .sa = 1},
};

static inline void
pieces_are_judged_whole(new_dataplane *fresh)
{
	struct udp host, core, taken, excepted;
	struct pair p;

	pair_begin(&p, fresh);
	give_policy(p.a, port_entries, ARRAY_SIZE(port_entries));
	give_policy(p.b, port_entries, ARRAY_SIZE(port_entries));
	host = udp_new(H, "192.168.1.10", 7000, 0);
	core = udp_new(R, "192.168.77.1", 7000, 0);
	taken = udp_new(K, "0.0.0.0", 5000, 0);
	excepted = udp_new(K, "0.0.0.0", 5001, 0);
	watch_core("src 192.168.1.10");
	udp_send_size(&host, "192.168.2.10", 5000, 4000);
	assert_true(udp_heard(&p.loop, &taken));
	watch_end();
	assert_false(was_watched("ip proto 17"));
	assert_true(was_watched("ip proto 50"));
	watch_core("src 192.168.1.10");
	udp_send_size(&host, "192.168.2.10", 5001, 4000);
	assert_true(udp_heard(&p.loop, &excepted));
	watch_end();
	assert_false(was_watched("ip proto 50"));
	/* in clear from the core, in pieces */
	udp_send_size(&core, "192.168.2.10", 5000, 4000);
	assert_int_equal(udp_count(&p.loop, &taken, 300), 0);
	udp_send_size(&core, "192.168.2.10", 5001, 4000);
	assert_true(udp_heard(&p.loop, &excepted));
	close(host.fd);
	close(core.fd);
	close(taken.fd);
	close(excepted.fd);
	pair_end(&p);
}

/*
 * A packet that came encrypted and finds nobody is told of by an ICMP error from an address that
 * the policy does not name. It would quote what is secret, so it does not leave.
 */
static inline void
nothing_secret_is_quoted(new_dataplane *fresh)
{
	struct udp host;
	struct pair p;

	pair_begin(&p, fresh);
	run_command(
	    "ip -n tstb route add unreachable 192.168.99.0/24; ip -n tstr route add "
	    "192.168.99.0/24 "
	    "via 10.9.2.2; ip -n tstb route add unreachable 172.20.0.0/16; ip -n tstr route add "
	    "172.20.0.0/16 via 10.9.2.2");
	give_policy(p.a, entries, ARRAY_SIZE(entries));
	give_policy(p.b, entries, ARRAY_SIZE(entries));
	host = udp_new(H, "192.168.1.10", 7000, 0);
	watch_core("icmp or esp");
	/* what is not the group's is told of */
	udp_send(&host, "172.20.0.9", 5000);
	turn_loop(&p.loop, 400);
	for (int i = 0; i < 3; i++) {
		udp_send(&host, "192.168.99.9", 5000);
		turn_loop(&p.loop, 400);
	}
	watch_end();
	assert_true(was_watched("esp and dst 192.168.99.9"));
	assert_false(was_watched("icmp and src 10.9.2.2 and icmp[24:4] = 0xc0a86309"));
	assert_true(was_watched("icmp and src 10.9.2.2 and icmp[24:4] = 0xac140009"));
	close(host.fd);
	pair_end(&p);
}

#endif
