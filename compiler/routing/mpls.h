/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MPLS as it is computed: labels that LDP and BGP would tell, and what each router does with one
 * (RFC 3031, 5036, 4364). Names and ways are the engine's, until the next call that changes
 * something.
 */
#ifndef TESTUDO_COMPILER_ROUTING_MPLS_H
#define TESTUDO_COMPILER_ROUTING_MPLS_H

#include "compiler/base/arena.h"
#include "compiler/routing/routing.h"

#define MPLS_IMPLICIT_NULL 3  /* RFC 3032 2.1: the label is popped instead */
#define MPLS_FIRST         16 /* labels below are reserved */
#define MPLS_LABELS        (1u << 20)
#define MPLS_NO_LABEL      UINT32_MAX /* the neighbor has told none: what is below goes as it is */

/* Out of which interface to which neighbor, with which label in place of the one that came. */
struct mpls_way {
	const char *interface;
	uint32_t via;
	uint32_t label;
};

/* What a router does with a label: it is a VRF's, or has ways. */
struct mpls_entry {
	uint32_t label;
	struct prefix to;
	const char *vrf; /* what is below the label is routed in its table; NULL: by the ways */
	bool connected;  /* of a VRF's: the network is there */
	uint64_t bytes;  /* that have come with it; of a show */
	size_t n;
	struct mpls_way ways[ROUTING_PATHS_MAX];
};

/* False: the router has told nobody that label. */
bool routing_label_find(struct routing *r, size_t node, uint32_t label, struct mpls_entry *ret);
/* Does it take packets with labels by that interface? */
bool routing_label_taken(const struct routing *r, size_t node, const char *interface);

/* --- for shows -------------------------------------------------------------------------------- */

struct ldp_neighbor {
	uint32_t id, own_id;
	bool up;    /* its session */
	msec since; /* it was discovered */
	size_t n_links;
	const struct ldp_link {
		const char *interface;
		uint32_t addr;
	} * links;
	size_t n_addrs;
	const uint32_t *addrs; /* all of its global table */
};

struct mpls_interface {
	const char *name;
	bool by_ospf; /* `mpls ldp autoconfig` alone */
	bool up;
};

struct mpls_shown {
	bool on;
	uint32_t id; /* 0: none to be had */
	size_t n_neighbors, n_entries, n_interfaces;
	const struct ldp_neighbor *neighbors;
	const struct mpls_entry *entries; /* by label */
	const struct mpls_interface *interfaces;
};

struct mpls_shown routing_mpls_show(struct routing *r, size_t node, struct arena *a);

#endif
