/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host is where a node lives: it has interfaces, routes, a clock, UDP, and a dataplane. Two
 * kinds: sim (a virtual network, sim.h) and, on Linux, the kernel's own. The node above it talks to
 * it through host_ops; it talks back through host_events.
 */
#ifndef TESTUDO_HOST_H
#define TESTUDO_HOST_H

#include "compiler/base/arena.h"
#include "compiler/policy/policy.h"
#include "compiler/multicast/multicast_state.h"
#include "compiler/routing/routing_state.h"
#include "runtime/base/log.h"
#include "runtime/base/path.h"
#include "runtime/dataplane/dataplane.h"
#include "runtime/filter/filter.h"

/* --- what a host tells the node --------------------------------------------------------------- */

struct host_events {
	/* A UDP datagram to port 848, or to where `join` listens. */
	void (*datagram)(void *arg, const struct path *path, struct span dgram, msec now);
	/* The time asked for with `wake` has come. */
	void (*timer)(void *arg, msec now);
	/*
	 * ESP for traffic of a group came under an SPI that the dataplane does not know; at most
	 * once a second for each group. And: an interface's line is up. They are called from within
	 * the host's work, so that the node may only take note of them.
	 */
	void (*unknown_spi)(void *arg, const char *group, uint32_t spi);
	void (*line_up)(void *arg, const char *interface);
	/* What `learned` tells has changed; the same holds. */
	void (*addresses)(void *arg);
	struct log_sink log; /* link up/down, dropped clear packets ... */
	void *arg;
};

/* --- ping ------------------------------------------------------------------------------------- */

enum echo_result {
	ECHO_REPLY,       /* ! */
	ECHO_TIMEOUT,     /* . */
	ECHO_UNREACHABLE, /* U */
	ECHO_TTL,         /* & */
	ECHO_TOO_BIG,     /* M */
	ECHO_SEND_FAILED  /* . (no route, or the dataplane refused) */
};

struct echo_answer {
	enum echo_result result;
	msec rtt;
	uint32_t from; /* who answered or refused; 0: nobody */
};

struct echo_request {
	uint32_t dst, src; /* src 0: the address of the interface it leaves by */
	uint16_t size;     /* whole IP packet, octets; 36..18024 as IOS */
	bool df;
	msec timeout;
	/* Called once for every request, from the loop. */
	void (*done)(void *arg, const struct echo_answer *answer);
	/*
	 * Of a request to many: called for each reply, and done when the time is over, with
	 * ECHO_REPLY of nobody (from 0) when there was any. NULL, or a host that cannot: the first
	 * one ends it.
	 */
	void (*heard)(void *arg, const struct echo_answer *answer);
	void *arg;
	uint8_t ttl;  /* 0: as far as it goes */
	uint32_t vrf; /* VRF_GLOBAL, or the vrf_number of the table it is sent in */
};

/* --- TCP ------------------------------------------------------------------------------------- */

enum knock_result {
	KNOCK_OPEN,
	KNOCK_REFUSED,     /* there, and nobody listens */
	KNOCK_UNREACHABLE, /* no route, or an ICMP error */
	KNOCK_TIMEOUT
};

struct knock_answer {
	enum knock_result result;
	uint32_t src;     /* from which address; 0: from none */
	const char *node; /* of KNOCK_OPEN: whose name in the lab; lent */
};

/* The ports at which a node of a lab listens; who may come then, its lines decide. */
enum { KNOCK_SSH = 22, KNOCK_TELNET = 23 };

/* Could a TCP connection be made? A handshake that nothing follows. */
struct knock {
	uint32_t dst, src; /* src 0: the address of the interface it leaves by */
	uint16_t port;
	msec timeout;
	/* Called once, from the loop; not after knock_cancel. */
	void (*done)(void *arg, const struct knock_answer *answer);
	void *arg;
	uint32_t vrf; /* VRF_GLOBAL, or the vrf_number of the table it is sent in */
};

/* --- files from elsewhere --------------------------------------------------------------------- */

struct fetch_request {
	const char *url; /* http:// */
	size_t size_max; /* octets; more is an error */
	/*
	 * Called once, from the loop, never before fetch returns; unless the host is closed. why:
	 * it failed. All is borrowed for the call.
	 */
	void (*done)(void *arg, struct span bytes, const char *why);
	void *arg;
};

/* --- what can be seen of a host --------------------------------------------------------------- */

struct host_interface {
	const char *name;   /* full IOS name */
	const char *device; /* the kernel's name for it; NULL: there is no such kernel */
	bool has_address;
	uint32_t addr;
	uint8_t len;
	const char *vrf; /* NULL: the global table, or this host has no VRFs */
	bool admin_up, line_up;
	bool configured; /* the address is from the configuration (`manual`), else unset */
	bool dhcp;       /* it is what `ip address dhcp` has learned */
	uint16_t mtu;
	uint16_t ip_mtu; /* of a packet, where that is another; 0: it is not */
	bool has_mac;    /* a loopback and a virtual link have none */
	uint8_t mac[6];
	struct host_way {
		uint64_t packets, bytes, errors, drops;
		uint64_t bit_rate, packet_rate; /* a second, over the last five minutes */
		msec idle;                      /* since the last packet; -1: none went */
	} in, out;
	uint64_t multicast, crc, frame, overrun; /* of what came in */
	uint64_t collisions;                     /* of what went out */
	msec cleared; /* since the counters were cleared; -1: they never were */
};

/* A neighbour on a link, as the kernel has learnt it. */
struct host_neighbor {
	uint32_t addr;
	bool resolved; /* else it was asked for and does not answer */
	bool permanent;
	uint8_t mac[6];
	msec age; /* since it was last learnt */
	const char *interface;
};

struct host_route {
	enum { ROUTE_CONNECTED, ROUTE_LOCAL, ROUTE_STATIC, ROUTE_LEARNED } source;
	struct prefix to;
	uint32_t via;          /* 0: connected */
	const char *interface; /* "" when the route is recursive; "Null0": a learned one drops */
	uint8_t distance;
	uint32_t metric;
	/* of a learned one: */
	enum routing_kind kind;
	uint32_t process, tag;
	uint32_t from;     /* who told it, as routing_route has it */
	msec age;          /* since it is as it is */
	uint32_t vrf;      /* whose table it is in */
	const char *other; /* VRF that it leads into; NULL: none */
};

/* --- the host --------------------------------------------------------------------------------- */

struct host; /* each kind begins with `const struct host_ops *ops` */

struct host_ops {
	/*
	 * It has no VRFs, no VLANs of the policy's and no sizes of interfaces: interfaces of a VRF
	 * stay down, so that nothing of them meets the global table.
	 */
	bool plain;
	/* FRR speaks its routing protocols; a plain host without it has none. */
	bool speaks;
	msec (*now)(struct host *h);     /* monotonic */
	int64_t (*wall)(struct host *h); /* milliseconds since 1970 UTC, for display only */
	/* Sets that clock; 0 or -errno. NULL: it is the machine's, which is not ours to set. */
	int (*set_wall)(struct host *h, int64_t wall);
	/*
	 * Sets interfaces, routes and filters as the policy has them; the policy outlives the next
	 * apply.
	 */
	int (*apply)(struct host *h, const struct policy *p);
	int (*send)(struct host *h, const struct path *path, struct span dgram);
	/*
	 * Starts or stops taking datagrams to a multicast address (0: to the node's own addresses)
	 * and UDP port that come in by this interface. Port 848 of its own addresses is always
	 * heard.
	 */
	int (*join)(struct host *h, const char *interface, uint32_t group, uint16_t port, bool on);
	void (*wake)(struct host *h, msec when); /* one timer; MSEC_NEVER cancels */
	struct dataplane *(*dataplane)(struct host *h);
	/*
	 * 0, or -errno when it cannot even be tried (-EOPNOTSUPP: a VRF of a plain host); done is
	 * called exactly once if 0.
	 */
	int (*echo)(struct host *h, const struct echo_request *r);
	void (*echo_cancel)(struct host *h, void *arg); /* forget requests with this arg */
	/* 0, or -errno when it cannot even be tried. Labs have this; NULL: this host does not. */
	int (*knock)(struct host *h, const struct knock *k);
	void (*knock_cancel)(struct host *h, void *arg); /* forget those with this arg */
	/* 0, or -errno when it cannot even be tried. NULL: this host fetches nothing. */
	int (*fetch)(struct host *h, const struct fetch_request *r);
	/* Snapshots in the caller's arena. */
	const struct host_interface *(*interfaces)(struct host *h, struct arena *a, size_t *ret_n);
	/* Addresses that are not of the policy. NULL: such a host has none. */
	const struct policy_learned *(*learned)(struct host *h, struct arena *a, size_t *ret_n);
	const struct host_route *(*routes)(struct host *h, struct arena *a, size_t *ret_n);
	/* NULL, the function or its answer: no routing protocol is computed here. */
	const struct routing_state *(*routing)(struct host *h, struct arena *a);
	/*
	 * Where somebody else speaks: OSPF's interfaces that have neighbors, and those. NULL, the
	 * function or its answer: nobody says.
	 */
	const struct routing_state *(*ospf_neighbors)(struct host *h, struct arena *a);
	/* NULL, the function or its answer: no multicast is routed here. */
	const struct multicast_state *(*multicast)(struct host *h, struct arena *a);
	/* NULL: a host whose links know no hardware addresses. */
	const struct host_neighbor *(*neighbors)(struct host *h, struct arena *a, size_t *ret_n);
	/* Sets what an interface (NULL: every one) has counted back to zero. */
	void (*clear_counters)(struct host *h, const char *interface);
	uint64_t (*acl_matches)(struct host *h, const char *acl, uint32_t seq);

	/* --- the filter; of a host without one (or a node that is off) they find nothing --- */
	/* Packets that each entry of the list met, in the policy's order; NULL: no such list. */
	const uint64_t *(*filter_counters)(struct host *h, const char *acl, struct arena *a,
	                                   size_t *ret_n);
	/* `show conn`: oldest first. NULL and *ret_n 0 when there are none. */
	const struct filter_conn *(*filter_conns)(struct host *h, struct arena *a, size_t *ret_n);
	/*
	 * `packet-tracer`: what would become of such a packet coming in by the interface (its full
	 * name). Changes nothing. 0, -ENODEV (no such interface), -EOPNOTSUPP (no firewall).
	 * What *ret points to is the policy's.
	 */
	int (*filter_trace)(struct host *h, const char *interface, const struct filter_packet *p,
	                    struct filter_trace *ret);
	/* Counters of a list (NULL: of all) back to zero, or connections away; how many. */
	size_t (*filter_clear)(struct host *h, enum filter_clear what, const char *acl);
	void (*close)(struct host *h);
};

struct host {
	const struct host_ops *ops;
};

#endif
