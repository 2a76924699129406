/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The member as a network namespace, between two devices whose other ends are in our hands: packets
 * are written to and read from them raw, and the member's own from raw sockets inside. See plane.h.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/mroute.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define assert_int_equal(a, b) assert((a) == (b))
#define assert_true(a)         assert(a)

#include "runtime/dataplane/kernel/kernel.h"
#include "runtime/base/netns.h"
#include "runtime/packet/packet.h"
#include "tests/hunter/plane.h"
#include "tests/unit/kernel.h"

#define PATIENCE 4000 /* milliseconds for what must be seen */
#define QUIET    15   /* for what must not */
#define PROTOS   4

struct kernel {
	struct plane base;
	uv_loop_t loop;
	int netns;
	struct dataplane *dp;
	struct plane_peer *peer;
	int core, lan;     /* AF_PACKET, at the other ends */
	int taken[PROTOS]; /* raw receivers inside */
	int gdoi, routes;  /* the daemon's socket; the multicast routes */
	int64_t began;     /* of the waiting, milliseconds; 0: not yet */
};

static const char *const build[] = {
    "for n in tsta tstr; do ip netns add $n && ip -n $n link set lo up; done",
    "ip link add c0 netns tsta address 02:00:00:00:00:01 type veth peer name c1 netns tstr",
    "ip link add l0 netns tsta address 02:00:00:00:00:03 type veth peer name l1 netns tstr",
    "ip netns exec tstr sysctl -qw net.ipv6.conf.all.disable_ipv6=1; ip netns exec tsta sysctl -qw "
    "net.ipv6.conf.all.disable_ipv6=1; true",
    "ip netns exec tsta sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 "
    "net.ipv4.conf.c0.rp_filter=0 net.ipv4.conf.l0.rp_filter=0 net.ipv4.icmp_ratelimit=1000",
    "ip -n tsta addr add 10.9.1.2/24 dev c0; ip -n tsta addr add 192.168.1.1/24 dev l0",
    "ip -n tsta addr add 192.168.3.3/32 dev lo",
    "for d in c0 l0; do ip -n tsta link set $d up; done",
    "for d in c1 l1; do ip -n tstr link set $d arp off up; done",
    "ip -n tsta neigh replace 10.9.1.1 lladdr 02:00:00:00:00:02 dev c0 nud permanent",
    "ip -n tsta neigh replace 192.168.1.10 lladdr 02:00:00:00:00:04 dev l0 nud permanent",
    "ip -n tsta route add default via 10.9.1.1",
};

static int64_t
clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
take_down(void)
{
	run_command("for n in tsta tstr; do ip netns del $n; done 2>/dev/null");
}

static bool
build_up(void)
{
	if (geteuid() != 0 || run_command("ip -V >/dev/null 2>&1 && command -v nft >/dev/null")) {
		fprintf(stderr, "skipped: needs root, ip and nft\n");
		return false;
	}
	take_turn();
	take_down();
	for (size_t i = 0; i < ARRAY_SIZE(build); i++)
		if (run_command("%s", build[i])) {
			fprintf(stderr, "skipped: no network namespaces here: %s\n", build[i]);
			take_down();
			return false;
		}
	return true;
}

/* --- sockets ---------------------------------------------------------------------------------- */

static int
ends_open(void *arg)
{
	struct kernel *k = arg;
	int *fds[] = {&k->core, &k->lan};
	static const char *const devices[] = {"c1", "l1"};

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		struct sockaddr_ll a = {.sll_family = AF_PACKET,
		                        .sll_protocol = htons(ETH_P_IP),
		                        .sll_ifindex = (int)if_nametoindex(devices[i])};

		*fds[i] =
		    socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_IP));
		if (*fds[i] < 0 || bind(*fds[i], (struct sockaddr *)&a, sizeof(a)))
			return -errno;
	}
	return 0;
}

static bool
join_groups(int fd)
{
	for (size_t i = 0; i < ARRAY_SIZE(rp_many); i++) {
		struct ip_mreqn m = {.imr_multiaddr.s_addr = htonl(rp_many[i]),
		                     .imr_ifindex = (int)if_nametoindex("c0")};

		if (setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &m, sizeof(m)))
			return false;
	}
	return true;
}

/*
 * What the member makes itself comes from a socket as programs have them: XFRM asks it, not the
 * packet. UDP from a bound port, else a raw one that writes what follows the IPv4 header.
 */
struct sender {
	const struct plane_packet *packet;
	const uint8_t *bytes; /* with the IPv4 header */
	size_t n;
};

static int
send_inside(void *arg)
{
	const struct sender *s = arg;
	const struct flow *f = &s->packet->flow;
	bool udp = f->proto == IPPROTO_UDP;
	size_t head = IP4_HEADER + (udp ? 8 : 0);
	struct ip_mreqn m = {.imr_ifindex = (int)if_nametoindex("c0")};
	struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(f->src)};
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(f->dst)};
	int fd = socket(AF_INET, (udp ? SOCK_DGRAM : SOCK_RAW) | SOCK_NONBLOCK | SOCK_CLOEXEC,
	                udp ? 0 : f->proto);
	uint32_t mark = s->packet->daemon ? MARK_OWN : 0;
	int no = 0, yes = 1, ttl = 64;

	from.sin_port = htons(udp ? f->sport : 0);
	to.sin_port = htons(udp ? f->dport : 0);
	setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &m, sizeof(m));
	setsockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, &no, sizeof(no));
	setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof(ttl));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark));
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)))
		perror("bind");
	/* that a door is shut is told to who sends */
	if (sendto(fd, s->bytes + head, s->n - head, 0, (struct sockaddr *)&to, sizeof(to)) < 0 &&
	    errno == EINVAL)
		perror("sendto");
	close(fd);
	return 0;
}

static bool
routes_open(struct kernel *k)
{
	static const char *const devices[] = {"l0", "c0"};
	struct vifctl v = {.vifc_flags = VIFF_USE_IFINDEX, .vifc_threshold = 1};
	int on = 1;

	k->routes = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_IGMP);
	if (k->routes < 0 || setsockopt(k->routes, IPPROTO_IP, MRT_INIT, &on, sizeof(on)))
		return false;
	for (unsigned i = 0; i < 2; i++) {
		v.vifc_vifi = (vifi_t)i;
		v.vifc_lcl_ifindex = (int)if_nametoindex(devices[i]);
		if (setsockopt(k->routes, IPPROTO_IP, MRT_ADD_VIF, &v, sizeof(v)))
			return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(rp_many); i++)
		for (size_t s = 0; s < ARRAY_SIZE(rp_far) + 1; s++) {
			bool host = s == ARRAY_SIZE(rp_far);
			struct mfcctl c = {.mfcc_parent = host ? 0 : 1};

			c.mfcc_origin.s_addr = htonl(host ? RP_HOST : rp_far[s]);
			c.mfcc_mcastgrp.s_addr = htonl(rp_many[i]);
			c.mfcc_ttls[host ? 1 : 0] = 1;
			if (setsockopt(k->routes, IPPROTO_IP, MRT_ADD_MFC, &c, sizeof(c)))
				return false;
		}
	return true;
}

static int
inside_open(void *arg)
{
	struct kernel *k = arg;
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(848)};
	uint32_t mark = MARK_OWN;
	int yes = 1;

	for (size_t i = 0; i < PROTOS; i++) {
		k->taken[i] =
		    socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, rp_protos[i]);
		if (k->taken[i] < 0 || !join_groups(k->taken[i]))
			return -errno;
	}
	k->gdoi = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(k->gdoi, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (setsockopt(k->gdoi, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) ||
	    bind(k->gdoi, (struct sockaddr *)&any, sizeof(any)) || !join_groups(k->gdoi) ||
	    !routes_open(k))
		return -errno;
	return 0;
}

/* --- packets ---------------------------------------------------------------------------------- */

static void
frame_put(int fd, uint8_t device, uint32_t dst, const uint8_t *bytes, size_t n)
{
	uint8_t frame[ETH_HLEN + PLANE_PACKET_MAX] = {2, 0, 0, 0, 0, device, 2,
	                                              0, 0, 0, 0, 9, 8,      0};

	if (addr_is_multicast(dst)) {
		static const uint8_t many[] = {0x01, 0x00, 0x5e};

		memcpy(frame, many, 3);
		frame[3] = dst >> 16 & 0x7f;
		frame[4] = (uint8_t)(dst >> 8);
		frame[5] = (uint8_t)dst;
	}
	memcpy(frame + ETH_HLEN, bytes, n);
	if (send(fd, frame, ETH_HLEN + n, 0) < 0)
		perror("frame");
}

static void
op_put(struct plane *p, const struct plane_packet *packet, uint32_t id)
{
	struct kernel *k = (struct kernel *)p;
	uint8_t bytes[PLANE_PACKET_MAX];
	size_t n;

	k->began = 0;
	if (packet->esp) {
		n = plane_peer_seal(k->peer, packet, id, bytes);
		frame_put(k->core, 1, packet->flow.dst, bytes, n);
		return;
	}
	for (unsigned part = 0; (n = plane_packet_part(packet, id, part, bytes)); part++)
		if (packet->in)
			frame_put(k->core, 1, packet->flow.dst, bytes, n);
		else if (!rp_own(packet->flow.src))
			frame_put(k->lan, 3, packet->flow.dst, bytes, n);
		else
			netns_inside(k->netns, send_inside, &(struct sender){packet, bytes, n});
}

/* What one device has sent us: not what we have sent it. */
static void
read_end(struct kernel *k, int fd, bool core)
{
	uint8_t frame[2048];
	struct sockaddr_ll from;
	socklen_t size = sizeof(from);
	ssize_t got;

	while ((got = recvfrom(fd, frame, sizeof(frame), 0, (struct sockaddr *)&from, &size)) > 0) {
		struct span packet = SPAN(frame + ETH_HLEN, (size_t)got - ETH_HLEN);
		uint32_t id, spi;

		if (from.sll_pkttype == PACKET_OUTGOING || got <= ETH_HLEN)
			continue;
		if (core && plane_peer_open(k->peer, packet, &id, &spi))
			k->base.seen(k->base.arg, id, PLANE_CORE_ESP, spi);
		else if (plane_mark(packet, &id))
			k->base.seen(k->base.arg, id, core ? PLANE_CORE_CLEAR : PLANE_LAN, 0);
	}
}

static bool
op_turn(struct plane *p)
{
	struct kernel *k = (struct kernel *)p;
	uint8_t bytes[2048];
	ssize_t got;
	uint32_t id;
	int64_t now;

	uv_run(&k->loop, UV_RUN_NOWAIT);
	read_end(k, k->core, true);
	read_end(k, k->lan, false);
	for (size_t i = 0; i < PROTOS; i++)
		while ((got = recv(k->taken[i], bytes, sizeof(bytes), 0)) > 0)
			if (plane_mark(SPAN(bytes, (size_t)got), &id))
				k->base.seen(k->base.arg, id, PLANE_TAKEN, 0);
	while (recv(k->gdoi, bytes, sizeof(bytes), 0) > 0)
		;
	now = clock_ms();
	if (!k->began)
		k->began = now;
	if (now - k->began < QUIET) {
		usleep(300);
		return op_turn(p);
	}
	usleep(1000);
	return now - k->began < PATIENCE;
}

static int
op_set(struct plane *p, const struct random_policy *policy)
{
	struct kernel *k = (struct kernel *)p;
	int error;

	plane_peer_free(k->peer);
	k->peer = plane_peer_new(policy);
	k->dp->ops->clear(k->dp, "G");
	k->dp->ops->clear(k->dp, "H");
	for (size_t i = 0; i < policy->n_groups; i++)
		if ((error = k->dp->ops->set(k->dp, &policy->groups[i])))
			return error;
	error = k->dp->ops->doors(k->dp, &policy->door, policy->has_door);
	uv_run(&k->loop, UV_RUN_NOWAIT);
	return error;
}

static void
op_close(struct plane *p)
{
	struct kernel *k = (struct kernel *)p;

	k->dp->ops->doors(k->dp, NULL, 0);
	k->dp->ops->close(k->dp);
	uv_run(&k->loop, UV_RUN_DEFAULT);
	uv_loop_close(&k->loop);
	plane_peer_free(k->peer);
	close(k->core);
	close(k->lan);
	for (size_t i = 0; i < PROTOS; i++)
		close(k->taken[i]);
	close(k->gdoi);
	close(k->routes);
	close(k->netns);
	take_down();
	free(k);
}

static int
open_netns(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

struct plane *
plane_kernel_new(bool userspace)
{
	static const struct plane_ops ops = {op_set, op_put, op_turn, op_close};
	struct kernel_dataplane_options o = {.name = "tsta", .device = device_of};
	struct kernel *k;
	const char *why = NULL;
	int ends;

	if (!userspace && !xfrm_available(-1, &why)) {
		fprintf(stderr, "skipped: %s\n", why);
		return NULL;
	}
	if (!build_up())
		return NULL;
	k = x_alloc(sizeof(*k));
	k->base = (struct plane){.ops = &ops,
	                         .name = userspace ? "userspace ESP" : "the kernel's ESP",
	                         .by_socket = true,
	                         .loose_multicast = !userspace};
	uv_loop_init(&k->loop);
	o.loop = &k->loop;
	k->netns = o.netns = open_netns("tsta");
	ends = open_netns("tstr");
	assert_int_equal(netns_inside(ends, ends_open, k), 0);
	close(ends);
	assert_int_equal(netns_inside(k->netns, inside_open, k), 0);
	if (kernel_dataplane_new(&o, userspace ? KERNEL_ESP : KERNEL_AUTO, &k->dp, &why)) {
		fprintf(stderr, "skipped: %s\n", why ? why : "no such dataplane");
		take_down();
		return NULL;
	}
	return &k->base;
}
