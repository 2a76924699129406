/* SPDX-License-Identifier: Apache-2.0 */
/* What EIGRP and RIP know, for shows: neighbours, interfaces, the topology table, gateways. */
#ifndef TESTUDO_COMPILER_ROUTING_VECTOR_H
#define TESTUDO_COMPILER_ROUTING_VECTOR_H

#include "compiler/base/arena.h"
#include "compiler/routing/routing.h"

/* --- EIGRP ------------------------------------------------------------------------------------ */

struct eigrp_neighbor {
	uint32_t addr;
	uint32_t router_id;    /* 0: none known */
	const char *interface; /* the engine's */
	msec since;
	msec hello, hold; /* as the neighbour has them */
	msec until;       /* silent, and lost then; MSEC_NEVER: heard */
};

struct eigrp_interface {
	const char *name; /* the engine's */
	uint32_t addr;
	uint8_t len;
	bool up, passive, split_horizon;
	msec hello, hold;
	uint32_t bandwidth, delay; /* kbit/s; tens of microseconds */
	size_t n_neighbors;
};

enum eigrp_way { EIGRP_LEARNED, EIGRP_CONNECTED, EIGRP_SUMMARY, EIGRP_REDISTRIBUTED };

struct eigrp_path {
	enum eigrp_way way;
	uint32_t via;            /* 0 unless learned */
	const char *interface;   /* likewise NULL */
	uint32_t cost, reported; /* feasible distance by it; what the neighbour reported */
	bool successor;          /* in the table: as near as can be, or near enough by variance */
	bool feasible;           /* RFC 7868 3.5: reported is less than the feasible distance */
	bool external;
	uint32_t bandwidth, delay, mtu;
	uint8_t reliability, load, hops;
};

struct eigrp_entry {
	struct prefix to;
	uint32_t distance; /* feasible distance */
	uint32_t tag;
	uint32_t origin; /* of an external one: the identifier of who redistributed it */
	bool external;
	size_t n_successors, n_paths;
	const struct eigrp_path *paths; /* the best first */
};

struct eigrp_shown {
	uint32_t as, router_id;
	const struct policy_eigrp *conf; /* the policy's */
	size_t n_neighbors, n_interfaces, n_entries;
	const struct eigrp_neighbor *neighbors;
	const struct eigrp_interface *interfaces;
	const struct eigrp_entry *entries; /* by address and length */
};

/* The processes of a node's VRF (NULL: the global table), in the arena. Returns how many. */
size_t routing_eigrp_show(struct routing *r, size_t node, const char *vrf, struct arena *a,
                          const struct eigrp_shown **ret);

/* --- RIP -------------------------------------------------------------------------------------- */

struct rip_gateway { /* who is heard */
	uint32_t addr;
	const char *interface; /* the engine's */
	msec since;            /* when it was first */
	msec until;            /* silent, and forgotten then; MSEC_NEVER: heard */
};

struct rip_interface {
	const char *name; /* the engine's */
	bool up, passive;
};

struct rip_entry { /* of the database */
	struct prefix to;
	uint32_t hops;
	bool connected, learned; /* neither: redistributed */
	uint8_t n_hops;
	const struct routing_hop *via; /* of a learned one */
};

struct rip_shown {
	const struct policy_rip *conf; /* NULL: no RIP there */
	size_t n_gateways, n_interfaces, n_entries;
	const struct rip_gateway *gateways;
	const struct rip_interface *interfaces;
	const struct rip_entry *entries; /* by address and length */
};

struct rip_shown routing_rip_show(struct routing *r, size_t node, const char *vrf, struct arena *a);

#endif
