/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be seen of a node's routing protocols: for shows, as plain data in the caller's arena.
 * Interface names are full; times are durations.
 */
#ifndef TESTUDO_ROUTING_STATE_H
#define TESTUDO_ROUTING_STATE_H

#include "compiler/routing/bgp.h"
#include "compiler/routing/mpls.h"
#include "compiler/routing/vector.h"

struct routing_ospf_neighbor {
	uint32_t id, addr;
	uint8_t priority;
	const char *state; /* "FULL" */
	const char *role;  /* "DR", "BDR", "DROTHER"; "-": the link has none */
	msec dead, up;     /* until it would be dead; since it is in its state */
	uint32_t dr, bdr;  /* addresses as it sees them; 0: none */
};

struct routing_ospf_interface {
	const char *name;
	bool up, by_network, loopback, passive; /* loopback: a host route */
	uint32_t addr, area, cost;
	uint8_t len, priority;
	const char *network; /* "BROADCAST" */
	const char *state;   /* "DR", "BDR", "DROTHER", "WAITING", "POINT_TO_POINT", "DOWN" ... */
	uint32_t dr_id, dr, bdr_id, bdr; /* 0: none */
	uint32_t hello, dead;            /* seconds */
	msec hello_due;
	enum ospf_auth auth;
	uint8_t key_id;
	size_t n_neighbors, n_full;
	const struct routing_ospf_neighbor *neighbors;
};

struct routing_ospf_area {
	uint32_t area;
	bool stub, nssa, no_summary;
	enum ospf_auth auth;
	size_t n_interfaces, n_loopbacks;
	/* in its database */
	size_t n_routers, n_networks, n_summaries, n_asbr_summaries, n_externals;
};

/* Whose routes are in the table. */
struct routing_gateway {
	uint32_t addr;
	uint8_t distance;
	msec age;
};

struct routing_ospf {
	const struct policy_ospf *conf;
	const char *vrf; /* NULL: the global table */
	uint32_t router_id;
	bool border, external;
	size_t n_areas, n_interfaces, n_gateways, n_externals; /* of all */
	const struct routing_ospf_area *areas;
	const struct routing_ospf_interface *interfaces;
	const struct routing_gateway *gateways;
};

/* The other protocols, in one VRF; points in time are the engine's, as `now` is. */
struct routing_vrf {
	const char *name; /* NULL: the global table */
	size_t n_eigrp;
	const struct eigrp_shown *eigrp;
	struct rip_shown rip;
	struct bgp_shown bgp;
	/* Whose routes are in the table: of each EIGRP process, of RIP, of BGP. */
	const struct routing_gateways {
		size_t n;
		const struct routing_gateway *list;
	} * eigrp_gateways;
	struct routing_gateways rip_gateways, bgp_gateways;
};

struct routing_state {
	msec now;
	size_t n_ospf, n_vrfs;
	const struct routing_ospf *ospf;
	const struct routing_vrf *vrfs; /* the global table first */
	struct bgp_shown vpnv4;
	struct mpls_shown mpls;
};

/* NULL: the node has no routing protocol. */
const struct routing_state *routing_state(struct routing *r, size_t node, struct arena *a);

#endif
