/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Routing protocols, computed and not spoken: from what many nodes are configured to do, which of
 * their interfaces share a link, and what is up, follow the tables that OSPF, EIGRP, RIP and BGP
 * would settle on. Pure: time is an argument, nothing is sent.
 *
 * What a neighbour would notice at once (its own line goes down) counts at once; what it would
 * notice by silence counts when its dead interval or hold time is over; what comes up counts after
 * a hello interval and, of OSPF on a broadcast link without a designated router, the wait for one.
 * Flooding, SPF delays and retransmission take no time.
 *
 * Tables are made when they are asked for: a change costs what is asked after it.
 */
#ifndef TESTUDO_COMPILER_ROUTING_H
#define TESTUDO_COMPILER_ROUTING_H

#include "compiler/policy/policy.h"

#define ROUTING_PATHS_MAX 16 /* next hops of one route */

struct routing;

/* --- what comes out --------------------------------------------------------------------------- */

/* What `show ip route` calls it. */
enum routing_kind {
	ROUTING_KIND_RIP,
	ROUTING_KIND_EIGRP,
	ROUTING_KIND_EIGRP_EXTERNAL,
	ROUTING_KIND_OSPF_INTRA,
	ROUTING_KIND_OSPF_INTER,
	ROUTING_KIND_OSPF_N1,
	ROUTING_KIND_OSPF_N2,
	ROUTING_KIND_OSPF_E1,
	ROUTING_KIND_OSPF_E2,
	ROUTING_KIND_BGP_EXTERNAL,
	ROUTING_KIND_BGP_INTERNAL,
	ROUTING_KIND_BGP_LOCAL,
	ROUTING_KINDS
};

struct routing_kind_names {
	const char *code;     /* of `show ip route`: "O", and */
	const char *more;     /* "IA"; "" where there is none */
	const char *protocol; /* "ospf" */
	const char *type;     /* of `show ip route A.B.C.D`: "inter area" */
};
extern const struct routing_kind_names routing_kind_names[ROUTING_KINDS];

struct routing_hop {
	uint32_t via;          /* 0: straight out of the interface */
	const char *interface; /* NULL: found through via. The engine's, until routing_free */
};

/* Of a hop whose packets go with labels, or into another VRF. */
#define ROUTING_LABELS_MAX 2
struct routing_way {
	uint32_t next_hop; /* that BGP told: the other provider edge; 0: none */
	uint8_t n_labels;
	uint32_t labels[ROUTING_LABELS_MAX]; /* the outermost first */
	size_t egress;   /* of a VPN's: the node that takes the last label, from 1; 0: none */
	const char *vrf; /* there, or of this node (egress 0): whose table comes next; NULL: none */
};

struct routing_route {
	struct prefix to;
	enum routing_kind kind;
	uint8_t distance;
	uint32_t process; /* of OSPF, EIGRP, BGP */
	uint32_t metric, tag;
	uint32_t from;  /* who told it: OSPF: a router's identifier; else an address; 0: nobody */
	msec since;     /* when it came to be as it is */
	uint8_t n_hops; /* 0: what it leads to is dropped (Null0) */
	const struct routing_hop *hops;
	const struct routing_way *ways; /* by hop; NULL: none is more than a hop */
};

/* The best route that protocols know to each prefix, by address and length. */
struct routing_table {
	uint64_t version; /* another one when the routes are others */
	size_t n;
	const struct routing_route *routes;
};

/* --- what is told ----------------------------------------------------------------------------- */

enum routing_event_kind {
	ROUTING_EVENT_OSPF,
	ROUTING_EVENT_EIGRP,
	ROUTING_EVENT_BGP,
	ROUTING_EVENT_LDP
};

/* A neighbour came or went; all is lent for the call. */
struct routing_event {
	enum routing_event_kind kind;
	uint32_t process;      /* OSPF's, or the autonomous system */
	uint32_t neighbor;     /* OSPF, LDP: its identifier; else its address */
	const char *interface; /* NULL: of BGP */
	const char *vrf;       /* NULL: the global table */
	const char *from, *to; /* OSPF: states, "FULL" */
	bool up;               /* EIGRP, BGP, LDP */
	const char *why;
};

struct routing_env {
	/* Does what this node puts on a link reach that one there? NULL: all does. */
	bool (*reaches)(void *arg, size_t from, size_t to);
	/* A log line's worth. Called from routing_update. NULL: nobody wants to know. */
	void (*told)(void *arg, size_t node, const struct routing_event *event);
	/* What has come to this node with that label, for shows. NULL: nobody counts. */
	uint64_t (*label_bytes)(void *arg, size_t node, uint32_t label);
	void *arg;
};

/* --- what goes in ----------------------------------------------------------------------------- */

struct routing *routing_new(const struct routing_env *env);
void routing_free(struct routing *r); /* NULL is fine */

size_t routing_node_add(struct routing *r); /* 0, 1, ... ; it has no policy yet, and is on */
/*
 * What a node is configured to do. The policy is borrowed until the next one is set, also while
 * the node is off: until its neighbours notice they believe what it last told them. NULL: nothing.
 */
void routing_node_policy(struct routing *r, size_t node, const struct policy *p);
/* A node that is off (or stands still) says nothing; that it lost its lines is told beside. */
void routing_node_power(struct routing *r, size_t node, bool on);
void routing_node_freeze(struct routing *r, size_t node, bool frozen);
/*
 * An interface, by its full name: interfaces of one segment share a link; 0 is nobody's. Up is
 * what the node itself sees. The lines of a node that is off are not looked at.
 */
void routing_interface(struct routing *r, size_t node, const char *name, uint32_t segment, bool up);
void routing_gate_changed(struct routing *r); /* `reaches` may answer otherwise */

/* Does any node run a routing protocol? */
bool routing_configured(const struct policy *p);

/*
 * Moves to `now`, which never goes back: who sees whom. Returns when it wants to be called again,
 * or MSEC_NEVER. To be called after every change from above, too.
 */
msec routing_update(struct routing *r, msec now);

/*
 * Do protocols that feed each other come to an end? Redistribution in a circle and BGP may not
 * (RFC 3345); tables are then as they stood after a bounded number of rounds.
 */
bool routing_settles(struct routing *r);
/*
 * Does a protocol speak to the outside: by an interface on whose segment there is no other node,
 * or in a BGP session with an address that no node has? There may be routes that nobody here knows
 * of.
 */
bool routing_open(const struct routing *r);
/*
 * Two interfaces of one segment at which OSPF speaks: in what they differ, so that they never
 * become neighbours; NULL: in nothing, or it does not speak at both.
 */
const char *routing_ospf_differs(const struct routing *r, size_t a, const char *interface_a,
                                 size_t b, const char *interface_b);
/* Another number when tables may be others. */
uint64_t routing_generation(const struct routing *r);
/*
 * The table of a node's VRF (NULL: the global one); never NULL. The engine's, until the next call
 * that changes something.
 */
const struct routing_table *routing_table(struct routing *r, size_t node, const char *vrf);

#endif
