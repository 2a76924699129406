/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The routing table of a simulated node: a binary trie for the longest match. Next hops are
 * resolved when a packet is routed (RFC 1812 5.2.4.3), so a changed route underneath is followed
 * at once.
 */
#ifndef TESTUDO_FIB_H
#define TESTUDO_FIB_H

#include "runtime/host/host.h"

#define FIB_RECURSION_MAX 8

struct fib;

struct fib_route {
	int source; /* ROUTE_CONNECTED ... of host.h */
	struct prefix to;
	uint32_t via;          /* 0: the destination itself is on the link */
	const char *interface; /* NULL: found through via */
	uint8_t distance;
	bool global; /* via is found in the global table */
	/* of a learned one, for who looks at the table: */
	enum routing_kind kind;
	uint32_t process, metric, tag, from;
	msec since;
	/* of a learned one whose packets go with labels, or into another VRF: */
	uint32_t next_hop; /* that BGP told; 0: none */
	const char *other; /* VRF that it leads into; NULL: none */
	uint8_t n_labels;
	uint32_t labels[ROUTING_LABELS_MAX]; /* the outermost first */
};

/*
 * Builds the table from candidates (copied; interface names borrowed): of one prefix, the nearest
 * distance whose next hop resolves is installed; of equals, the first, and of learned ones all:
 * they share what goes there. The interfaces of the candidates must be up. Free with fib_free;
 * NULL is fine.
 */
struct fib *fib_new(const struct fib_route *candidates, size_t n);
/* The same of a VRF; global: the global table, borrowed for its life (fib_route.global). */
struct fib *fib_new_vrf(const struct fib_route *candidates, size_t n, const struct fib *global);
void fib_free(struct fib *f);

/*
 * Where to: false when there is no route. *ret_next is the address to hand the packet to on
 * interface *ret_interface (dst itself when connected).
 */
bool fib_lookup(const struct fib *f, uint32_t dst, const char **ret_interface, uint32_t *ret_next);
/* The same for packets of one source: of several equal ways each has one and keeps it. */
bool fib_lookup_from(const struct fib *f, uint32_t src, uint32_t dst, const char **ret_interface,
                     uint32_t *ret_next);
/* The same as the route that leads out; NULL: there is none. */
const struct fib_route *fib_way_from(const struct fib *f, uint32_t src, uint32_t dst,
                                     uint32_t *ret_next);
/* Is one of the ways to dst by this interface? */
bool fib_leads_by(const struct fib *f, uint32_t dst, const char *interface);

/* Installed routes, ordered by address then length; borrowed. */
const struct fib_route *fib_routes(const struct fib *f, size_t *ret_n);

#endif
