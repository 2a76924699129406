/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside BGP (RFC 4271): speakers and their sessions, which outlive a generation, and the paths
 * that they tell each other, which belong to one.
 */
#ifndef TESTUDO_BGP_PRIV_H
#define TESTUDO_BGP_PRIV_H

#include "compiler/routing/bgp.h"
#include "compiler/routing/routing_priv.h"

/* --- sessions (bgp_proc.c, bgp_session.c) ----------------------------------------------------- */

/* One end of a session; what a `neighbor` makes. */
struct bgp_peer {
	struct bgp_proc *proc;
	const struct policy_bgp_neighbor *conf; /* NULL: not any more */
	uint32_t addr;
	enum bgp_state state;
	struct bgp_peer *other;    /* the other end, once established; NULL: it is gone */
	struct bgp_peer *link;     /* who would be, as routes and configurations are */
	uint32_t link_local;       /* the address that it would have */
	struct bgp_peer *link_end; /* who hears what it tells; bgp_spread.c */
	uint32_t local;            /* own address, once established */
	uint32_t remote_as;        /* that it was established with */
	bool lost;                 /* nothing is heard any more; it goes when `due` comes */
	msec due;        /* of a connection: when it is established; MSEC_NEVER: nothing is due */
	msec since;      /* in its state */
	const char *why; /* it went down last; NULL: it did not */
	size_t index;    /* among all */
};

/* What the neighbour's lines say of plain IPv4; its conf is not NULL. */
static inline const struct policy_bgp_family *
bgp_ipv4(const struct bgp_peer *p)
{
	return &p->conf->families[BGP_IPV4];
}

struct bgp_proc { /* a speaker: a node's VRF */
	struct rt_node *node;
	struct rt_vrf *vrf;
	const struct policy_bgp *conf;
	const struct policy_bgp_vrf *family;
	uint32_t as, router_id, cluster_id;
	size_t n_peers;
	struct bgp_peer **peers; /* by address */
	size_t index;            /* among all */
};

bool bgp_is_external(const struct bgp_peer *p);
uint32_t bgp_local_as(const struct bgp_peer *p);
uint32_t bgp_hold(const struct bgp_peer *p); /* seconds, as both ends agree */
void bgp_peers_sweep(struct bgp_proc *p);    /* ends what is not configured any more */
void bgp_session_end(struct bgp_peer *p, const char *why);
struct bgp_peer *bgp_peer_find(const struct bgp_proc *proc, uint32_t addr);

static inline const struct policy_bgp_family *
bgp_vpnv4(const struct bgp_peer *p)
{
	return &p->conf->families[BGP_VPNV4];
}

/* --- paths ------------------------------------------------------------------------------------ */

enum bgp_source { BGP_NETWORK, BGP_REDISTRIBUTED, BGP_AGGREGATE, BGP_DEFAULT, BGP_LEARNED };

/* RFC 4577 4.2.6: what OSPF knew of a route at the provider edge that tells it. */
struct bgp_ospf {
	uint32_t domain; /* 0: it is none of OSPF's */
	uint8_t type;    /* 0: within the domain; 1, 2: external */
};

struct bgp_path {
	struct prefix to;
	enum bgp_source source;
	const struct bgp_peer *peer; /* NULL: its own */
	bool external;               /* from another autonomous system */
	bool reachable;              /* its next hop */
	uint8_t origin;              /* RFC 4271 4.3: 0 IGP, 1 EGP, 2 incomplete */
	uint16_t weight;
	uint32_t next_hop; /* 0: this router */
	uint32_t med, local_preference;
	uint32_t igp;       /* the metric to its next hop */
	uint32_t router_id; /* of who told it, or of who brought it into this system */
	size_t n_as, n_set, n_communities, n_clusters;
	const uint32_t *as; /* the nearest first */
	const uint32_t *set;
	const uint32_t *communities;
	const uint32_t *clusters;
	uint32_t originator; /* RFC 4456 8; 0: none */
	/* of VPNv4, and of what a VRF has from there: */
	bool vpn;        /* it is on its way between provider edges */
	bool imported;   /* into a VRF */
	bool unlabelled; /* no path of labels leads to its next hop, which is reached */
	uint64_t rd;
	uint32_t label;
	size_t n_targets;
	const uint64_t *targets;
	struct bgp_ospf ospf;
	const struct bgp_path *within; /* what the VRF that tells it has; of this node */
	struct rt_vrf *from;           /* that VRF */
};

/* What a speaker has of a prefix. */
struct bgp_route {
	struct prefix to;
	const struct bgp_path *best; /* NULL: none */
	uint32_t first, n;           /* all paths, in the member's */
};

struct bgp_aggregate {
	const struct policy_bgp_aggregate *conf;
	bool active;
	uint32_t *set; /* systems of what is within */
	size_t n_set, set_capacity;
};

struct bgp_member {
	struct bgp_proc *proc;
	uint64_t fed; /* what its table was when it was fed */
	struct bgp_aggregate *aggregates;
	size_t n_aggregates;
	struct bgp_route *routes; /* by length, the longest first, and address */
	size_t n_routes, routes_capacity;
	/* of VPNv4 (the global table's): */
	struct bgp_vpn_route {
		uint64_t rd;
		struct bgp_route route;
	} * vpns;
	size_t n_vpns, vpns_capacity;
	uint32_t home;  /* the member of the node's global table; BGP_NOBODY: none */
	uint32_t plane; /* of a VRF's distinguisher; 0: none */
	const struct bgp_path **paths;
	size_t n_paths, paths_capacity;
};

struct bgp_net {
	struct routing *routing;
	struct arena *arena; /* paths */
	struct bgp_member *members;
	size_t n_members;
	struct bgp_peer **peers; /* by index */
	uint32_t *received;      /* prefixes; likewise */
	uint32_t *received_vpns; /* of VPNv4 */
	size_t n_peers;
	/* Route distinguishers of all VRFs; each is a plane of its own, from 1. Plane 0 is IPv4. */
	uint64_t *rds;
	size_t n_rds;
	bool unsettled; /* a prefix came to no end */
};

#define BGP_NOBODY UINT32_MAX

/* --- VPNs (bgp_vpn.c) ------------------------------------------------------------------------- */

/* What a VRF of this node tells other edges of its best path; NULL: nothing. */
const struct bgp_path *bgp_vpn_export(struct bgp_net *net, const struct bgp_proc *vrf,
                                      const struct bgp_path *best);
/* What a VRF makes of a path of VPNv4; NULL: it does not want it. */
const struct bgp_path *bgp_vpn_import(struct bgp_net *net, const struct bgp_proc *vrf,
                                      const struct bgp_path *path);
/* Does an edge keep what it is told? As IOS: what no VRF wants only as a reflector. */
bool bgp_vpn_wants(const struct bgp_proc *proc, const struct bgp_path *path);
/* Which distinguishers there are, and whose. */
void bgp_vpn_planes(struct bgp_net *net);
struct rt_vpn bgp_vpn_hop(const struct bgp_path *p, struct routing_hop *ret);

/* A session that carries what one end tells the other. */
bool bgp_session_tells(const struct bgp_peer *from, const struct bgp_peer *to);

/* Systems on the way; a set counts as one. */
size_t bgp_path_length(const struct bgp_path *p);
uint32_t bgp_neighbor_as(const struct bgp_path *p); /* 0: none */

/* --- which is best (bgp_best.c) --------------------------------------------------------------- */

const struct bgp_path *bgp_best(const struct bgp_proc *proc, const struct bgp_path *const *paths,
                                size_t n);
/* Is the path as good as the best, so that both are used by `maximum-paths`? */
bool bgp_is_as_good(const struct bgp_proc *proc, const struct bgp_path *best,
                    const struct bgp_path *path);

/* --- what is told and taken (bgp_policy.c) ---------------------------------------------------- */

/* What the speaker at one end tells the other of its best path; NULL: nothing. */
const struct bgp_path *bgp_tell(struct bgp_net *net, const struct bgp_peer *p,
                                const struct bgp_path *best);
/* `default-originate` */
const struct bgp_path *bgp_tell_default(struct bgp_net *net, const struct bgp_peer *p);
/* What the other end makes of it; NULL: it refuses it. */
const struct bgp_path *bgp_take(struct bgp_net *net, const struct bgp_peer *p,
                                const struct bgp_path *told);
/* What an entry of a route map sets. */
void bgp_entry_apply(struct bgp_net *net, const struct policy_route_map_entry *e,
                     struct bgp_path *p);
/* Is it within an aggregate that stands for all of it? */
bool bgp_is_suppressed(const struct bgp_proc *proc, struct prefix to);
/* A route map's say. False: it denies. */
bool bgp_map_apply(struct bgp_net *net, const struct policy_route_map *map, struct bgp_path *p);

/* --- its own (bgp_origin.c) ------------------------------------------------------------------- */

struct bgp_origins {
	struct bgp_path *list;
	size_t n, capacity;
};

/* `network` and `redistribute`, from the speaker's table. */
void bgp_origins_add(struct bgp_net *net, const struct bgp_proc *proc, const struct rt_rib *rib,
                     struct bgp_origins *ret);

#endif
