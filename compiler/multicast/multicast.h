/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Multicast trees, computed and not spoken: from what many nodes are configured to do (PIM, IGMP,
 * `ip mroute`), which of their interfaces share a link, what is up, and where their unicast tables
 * lead, follow for a source and a group the interface by which each router takes packets and those
 * by which it passes them on. Pure: time is an argument, nothing is sent.
 *
 * Sparse groups (RFC 7761): the last router before hosts that listen joins the tree of the
 * rendezvous point. Once that stands, and the first router behind the source can tell the RP of
 * it, it joins the source's own tree, as IOS does after the first packet; where that has no way,
 * packets come by the RP. Dense groups (RFC 3973) have the source's tree alone, as it is when all
 * that nobody listens to is pruned. Joins, prunes, registers and asserts take no time.
 *
 * What a node notices at once (its own line goes down, a host leaves) counts at once; a PIM
 * neighbour that falls silent counts until its hold time is over, a listener that does until IGMP
 * has asked in vain; a new neighbour counts after the time in which both have said hello.
 *
 *   group, listeners --> last router --> RPF by RPF --> RP, or source
 *                          (DR)          (each a PIM neighbour)
 */
#ifndef TESTUDO_COMPILER_MULTICAST_H
#define TESTUDO_COMPILER_MULTICAST_H

#include "compiler/multicast/multicast_state.h"
#include "compiler/policy/policy.h"

struct multicast;

/* --- what it asks ----------------------------------------------------------------------------- */

/* Where a unicast table leads. */
struct multicast_route {
	const char *interface;
	uint32_t next; /* whom the packet is handed to; the address itself: it is on the link */
	uint8_t distance;
	uint32_t metric;
};

enum multicast_event_kind { MULTICAST_NEIGHBOR, MULTICAST_DR };

/* A neighbour came or went, or another one is the designated router; lent for the call. */
struct multicast_event {
	enum multicast_event_kind kind;
	const char *interface;
	const char *vrf;   /* NULL: the global table */
	uint32_t neighbor; /* of MULTICAST_DR: who it is now */
	uint32_t before;   /* of MULTICAST_DR: who it was; 0: nobody */
	bool up;
};

struct multicast_env {
	/* Does what this node puts on a link reach that one there? NULL: all does. */
	bool (*reaches)(void *arg, size_t from, size_t to);
	/* Where the node's table of a VRF leads for an address; false: nowhere. */
	bool (*leads)(void *arg, size_t node, const char *vrf, uint32_t addr,
	              struct multicast_route *ret);
	/* Another number when `leads` may answer otherwise. NULL: it never does. */
	uint64_t (*version)(void *arg);
	/* Called from multicast_update. NULL: nobody wants to know. */
	void (*told)(void *arg, size_t node, const struct multicast_event *event);
	void *arg;
};

/* --- what goes in ----------------------------------------------------------------------------- */

struct multicast *multicast_new(const struct multicast_env *env);
void multicast_free(struct multicast *m); /* NULL is fine */

size_t multicast_node_add(struct multicast *m); /* 0, 1, ... ; on, without a policy */
/* Borrowed until the next one is set, also while the node is off. NULL: nothing. */
void multicast_node_policy(struct multicast *m, size_t node, const struct policy *p);
/* A node that is off, or stands still, says nothing. */
void multicast_node_power(struct multicast *m, size_t node, bool on);
void multicast_node_freeze(struct multicast *m, size_t node, bool frozen);
/* Interfaces of one segment share a link; 0 is nobody's. */
void multicast_interface(struct multicast *m, size_t node, const char *name, uint32_t segment,
                         bool up);
void multicast_interface_forget(struct multicast *m, size_t node, const char *name);
/* The node itself listens there, or no more, beside what its configuration joins. */
void multicast_listen(struct multicast *m, size_t node, const char *name, uint32_t group, bool on);
void multicast_gate_changed(struct multicast *m); /* `reaches` may answer otherwise */

/* Does it route multicast in any table? */
bool multicast_configured(const struct policy *p);

/*
 * Moves to `now`, which never goes back. Returns when it wants to be called again, or MSEC_NEVER.
 * To be called after every change from above, too.
 */
msec multicast_update(struct multicast *m, msec now);

/* --- what comes out --------------------------------------------------------------------------- */

#define MULTICAST_OUT_MAX 32 /* interfaces that one node passes a packet on by */

/* What a node does with packets of a source to a group; names are the engine's. */
struct multicast_way {
	const char *in; /* where it takes them; of its own: the interface that has the address */
	size_t n_out;
	const char *out[MULTICAST_OUT_MAX];
};

/*
 * A packet has come to a node, or is its own. False: the node knows no tree of it (for what it has
 * itself: it goes out where its source is, and no router takes it further).
 */
bool multicast_packet(struct multicast *m, size_t node, const char *vrf, uint32_t source,
                      uint32_t group, msec now, struct multicast_way *ret);

/* Does the node route multicast in that table? */
bool multicast_routes(const struct multicast *m, size_t node, const char *vrf);

/* NULL: it does not, in any. */
const struct multicast_state *multicast_state(struct multicast *m, size_t node, struct arena *a);

/* --- why not ---------------------------------------------------------------------------------- */

enum multicast_lack {
	MULTICAST_FINE,
	MULTICAST_NO_ROUTER,   /* no router with PIM on the listener's link */
	MULTICAST_NO_RP,       /* `node` knows none for the group */
	MULTICAST_RP_LOST,     /* no way from `node` to the RP `addr` that multicast takes */
	MULTICAST_RP_OTHER,    /* `node` has another RP than the routers before it */
	MULTICAST_RP_NOBODY,   /* at `node` the RP's link begins, and nobody there has `addr` */
	MULTICAST_NO_FIRST,    /* no router with PIM on the source's link */
	MULTICAST_NOT_TOLD,    /* no first router behind the source reaches the RP `addr` */
	MULTICAST_RPF,         /* no way from `node` to `addr` by an interface with PIM */
	MULTICAST_NO_NEIGHBOR, /* `node` reaches `addr` by `interface`, where `next` has no PIM */
	MULTICAST_LOOP
};

struct multicast_verdict {
	enum multicast_lack lack;
	size_t node;
	uint32_t addr, next;
	const char *interface; /* the engine's; NULL: not said */
};

/*
 * Do packets of a source reach those who listen to the group on a node's interface? All links are
 * looked at as they are now.
 */
struct multicast_verdict multicast_explain(struct multicast *m, size_t node, const char *interface,
                                           uint32_t source, uint32_t group);

#endif
