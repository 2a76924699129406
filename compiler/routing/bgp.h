/* SPDX-License-Identifier: Apache-2.0 */
/* What BGP knows, for shows: sessions, and the table with all its paths. */
#ifndef TESTUDO_COMPILER_ROUTING_BGP_H
#define TESTUDO_COMPILER_ROUTING_BGP_H

#include "compiler/base/arena.h"
#include "compiler/routing/routing.h"

enum bgp_state { BGP_IDLE, BGP_ACTIVE, BGP_ESTABLISHED };

struct bgp_session {
	const struct policy_bgp_neighbor *conf; /* the policy's */
	uint32_t remote_as, router_id;          /* router_id: the other's; 0 while it is not up */
	uint32_t local;                         /* own address; 0: none */
	bool external;
	bool vpnv4; /* of that family; else of plain IPv4 */
	enum bgp_state state;
	msec since;             /* in its state */
	uint32_t hold;          /* seconds, as both agreed; 0 while it is not up */
	uint32_t received;      /* prefixes */
	const char *reset_text; /* why it went down last; NULL: it did not */
};

struct bgp_shown_path {
	bool best, valid, external, local; /* local: the router's own */
	bool aggregate;
	uint8_t origin;    /* 0 IGP, 1 EGP, 2 incomplete */
	uint32_t next_hop; /* 0: the router itself */
	uint32_t from;     /* the neighbour's address; 0: nobody */
	uint32_t router_id;
	uint32_t med, local_preference, igp;
	uint16_t weight;
	size_t n_as, n_set, n_communities, n_clusters;
	const uint32_t *as, *set, *communities, *clusters;
	uint32_t originator; /* 0: none */
	/* of VPNs: */
	bool unlabelled;      /* no path of labels leads to its next hop */
	uint32_t in, out;     /* labels: this router's, that one's; 0: none */
	uint32_t ospf_domain; /* 0: none */
	size_t n_targets;
	const uint64_t *targets; /* route targets */
};

struct bgp_shown_route {
	struct prefix to;
	size_t n;
	const struct bgp_shown_path *paths; /* the best first */
	bool has_rd;
	uint64_t rd;
	const char *vrf; /* of this router that has the distinguisher; NULL: none */
};

struct bgp_shown {
	uint32_t as; /* 0: no BGP there */
	uint32_t router_id;
	size_t n_sessions, n_routes, n_paths;
	const struct bgp_session *sessions;   /* by address */
	const struct bgp_shown_route *routes; /* by address and length */
};

/* Of a node's VRF (NULL: the global table); all of it in the arena. After routing_update. */
struct bgp_shown routing_bgp_show(struct routing *r, size_t node, const char *vrf, struct arena *a);

/* All of VPNv4: by distinguisher, of those that a VRF of the node has that VRF's table. */
struct bgp_shown routing_vpnv4_show(struct routing *r, size_t node, struct arena *a);

#endif
