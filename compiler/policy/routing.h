/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a configuration says about routing protocols: part of the policy, immutable, in its arena.
 * Who computes tables from it (compiler/routing/) or speaks the protocols (FRR) reads it alone.
 *
 * A process belongs to one VRF: `vrf` is its name, NULL the global table. Names are never NULL
 * unless said so; counts are beside their arrays.
 */
#ifndef TESTUDO_ROUTING_H
#define TESTUDO_ROUTING_H

#include "compiler/policy/prefix.h"

#define ROUTING_EIGRP_METRICS 5 /* bandwidth, delay, reliability, load, MTU */

/* Where a route comes from; `process` beside it says which of several (OSPF, EIGRP, BGP). */
enum routing_source {
	ROUTING_CONNECTED,
	ROUTING_STATIC,
	ROUTING_RIP,
	ROUTING_EIGRP,
	ROUTING_OSPF,
	ROUTING_BGP,
	ROUTING_SOURCES
};

/* --- filters ---------------------------------------------------------------------------------- */

/* `ip prefix-list`. The first entry that matches decides; nothing matches: denied. */
struct policy_prefix_list {
	const char *name;
	size_t n_entries;
	const struct policy_prefix_entry {
		uint32_t seq;
		bool permit;
		struct prefix prefix;
		uint8_t ge, le; /* lengths that match; without either both are the prefix's own */
	} * entries;
};

/* `ip community-list` (standard): the first entry decides of whose communities none is missing. */
struct policy_community_list {
	const char *name; /* or number */
	size_t n_entries;
	const struct policy_community_entry {
		bool permit;
		size_t n; /* 0: any (`internet`) */
		const uint32_t *communities;
	} * entries;
};

/*
 * `route-map`: by number, the first entry whose matches all hold decides; no entry: denied. A match
 * that names a list which does not exist is none, and holds, as IOS has it. A map that is named
 * somewhere and does not exist has no entries.
 */
struct policy_route_map {
	const char *name;
	size_t n_entries;
	const struct policy_route_map_entry {
		uint32_t seq;
		bool permit;
		/* match; each with none configured holds */
		size_t n_prefix_lists, n_acls, n_tags;
		const struct policy_prefix_list *const *prefix_lists; /* any of them */
		const struct policy_acl *const *acls; /* any of them: standard lists */
		const uint32_t *tags;                 /* any of them */
		const char *interface;                /* NULL: any */
		size_t n_community_lists;
		const struct policy_community_list *const *community_lists; /* any of them */
		bool exact_communities; /* and no others than the entry's */
		/* set */
		bool sets_metric, sets_local_preference, sets_tag, sets_weight, sets_metric_type;
		bool sets_metrics, sets_communities; /* no communities: takes all away */
		uint32_t metric, local_preference, tag;
		uint32_t metrics[ROUTING_EIGRP_METRICS]; /* `set metric` with all five */
		uint16_t weight;
		uint8_t metric_type; /* 1 or 2 */
		uint32_t next_hop;   /* 0: left alone */
		size_t n_prepend;    /* `set as-path prepend` */
		const uint32_t *prepend;
		bool communities_added; /* `additive`; else they replace */
		size_t n_set_communities;
		const uint32_t *set_communities;
	} * entries;
};

/*
 * `distribute-list`, `neighbor ... prefix-list|route-map`: all that are set must permit. A list
 * that does not exist is none, and permits all; a route map that does not exist has no entry.
 */
struct policy_route_filter {
	const struct policy_acl *acl;                 /* NULL: none */
	const struct policy_prefix_list *prefix_list; /* NULL: none */
	const struct policy_route_map *map;           /* NULL: none */
	const char *interface;                        /* of a distribute-list; NULL: every one */
	bool out;                                     /* else it filters what comes in */
	bool by_source; /* `out SOURCE`: only what is redistributed from there, as below */
	enum routing_source from;
	uint32_t process; /* of `from`; 0 where it has none */
};

struct policy_redistribute {
	enum routing_source from;
	uint32_t process; /* of `from`; 0 where it has none */
	bool subnets;     /* OSPF: also what is no classful network */
	bool has_metric;
	uint32_t metric;                         /* OSPF, RIP, BGP */
	uint32_t metrics[ROUTING_EIGRP_METRICS]; /* EIGRP */
	uint8_t metric_type;                     /* OSPF: 1 or 2 */
	uint32_t tag;
	bool internal, external1,
	    external2; /* `match` of an OSPF process; none: all, of BGP's: external */
	const struct policy_route_map *map; /* NULL: none */
	const char *map_name;               /* as configured; NULL: none */
};

/* `network A W`: interfaces whose address matches; classful where the protocol has it so. */
struct policy_network {
	uint32_t addr, mask; /* 1 for every bit that counts */
	uint32_t area;       /* OSPF */
};

/* `passive-interface default`, `passive-interface IF`; `names` are exceptions of the default. */
struct policy_passive {
	bool by_default;
	size_t n;
	const char *const *names;
};

/* --- OSPF ------------------------------------------------------------------------------------- */

enum ospf_network {
	OSPF_NETWORK_DEFAULT, /* broadcast on Ethernet; of a loopback a host route */
	OSPF_BROADCAST,
	OSPF_NBMA,
	OSPF_POINT_TO_POINT,
	OSPF_POINT_TO_MULTIPOINT
};

enum ospf_auth { OSPF_AUTH_UNSET, OSPF_AUTH_NULL, OSPF_AUTH_TEXT, OSPF_AUTH_MD5 };

/* `interface`, `ip ospf ...`; a policy_interface has one, NULL when nothing is configured. */
struct policy_ospf_interface {
	uint32_t process; /* `ip ospf N area A`; 0: not typed, `network` decides */
	uint32_t area;
	uint32_t cost; /* 0: by bandwidth */
	enum ospf_network network;
	int16_t priority;     /* -1: 1 */
	uint32_t hello, dead; /* seconds; 0: by the network's type */
	enum ospf_auth auth;
	struct span key; /* secret; empty: none */
	uint8_t key_id;  /* of MD5 */
	bool mtu_ignore;
};

struct policy_ospf_area {
	uint32_t area;
	bool stub, nssa, no_summary;
	bool default_originate;      /* of a not-so-stubby area */
	bool no_redistribution;      /* likewise: what is redistributed here does not go into it */
	uint32_t default_metric;     /* of that default route; 0: 1 */
	uint8_t default_metric_type; /* 1 or 2 */
	uint32_t default_cost;       /* of the default route into a stub area; 0: 1 */
	enum ospf_auth auth;
	size_t n_ranges;
	const struct policy_ospf_range {
		struct prefix prefix;
		bool advertise;
		uint32_t cost; /* 0: the largest within */
	} * ranges;
	size_t n_virtual_links;
	const uint32_t *virtual_links; /* router identifiers */
};

struct policy_ospf {
	uint32_t process;
	const char *vrf;
	bool shutdown;
	uint32_t router_id; /* 0: the highest loopback's address, else the highest of all */
	uint32_t reference_bandwidth; /* Mbit/s; 0: 100 */
	uint8_t maximum_paths;        /* 0: 4 */
	uint8_t distance[3];          /* intra-area, inter-area, external; 0: 110 */
	bool default_originate, default_always;
	const struct policy_route_map *default_map; /* of `default-information`; NULL: none */
	uint32_t default_metric_originated; /* 0: 1 where there is a default route, else 10 */
	uint8_t default_metric_type;        /* 1 or 2 */
	uint32_t default_metric;            /* of what is redistributed; 0: 20, of BGP's 1 */
	bool log_adjacency_changes, log_detail;
	bool strict_paths; /* `no compatible rfc1583`: RFC 2328 16.4.1 chooses external paths */
	size_t n_networks, n_areas, n_redistributes, n_filters, n_summaries;
	const struct policy_network *networks; /* the most specific decides */
	const struct policy_ospf_area *areas;
	const struct policy_redistribute *redistributes;
	const struct policy_route_filter *filters;
	const struct policy_ospf_summary { /* `summary-address` */
		struct prefix prefix;
		bool advertise;
		uint32_t tag;
	} * summaries;
	struct policy_passive passive;
	size_t n_neighbors;
	const uint32_t *neighbors; /* of NBMA */
	/* of a VRF's process: */
	bool vrf_lite;      /* `capability vrf-lite`: it takes what a provider's edge tells, too */
	uint32_t domain_id; /* RFC 4577 4.2.4; 0: the number of the process */
	/* `mpls ldp autoconfig`: LDP at all its interfaces, or at those of these areas */
	bool ldp_everywhere;
	size_t n_ldp_areas;
	const uint32_t *ldp_areas;
};

/* --- EIGRP ------------------------------------------------------------------------------------ */

struct policy_eigrp {
	uint32_t as;
	const char *vrf;
	const char *name; /* `router eigrp NAME`; NULL: classic */
	bool shutdown;
	uint32_t router_id;              /* 0: as OSPF's */
	uint8_t k[6];                    /* K1..K6; by default 1 0 1 0 0 0 */
	uint8_t maximum_paths, variance; /* 0: 4 and 1 */
	uint8_t distance[2];             /* internal, external; 0: 90 and 170 */
	bool auto_summary;
	bool stub, stub_connected, stub_static, stub_summary, stub_redistributed, stub_receive_only;
	bool has_default_metric;
	uint32_t default_metric[ROUTING_EIGRP_METRICS];
	size_t n_networks, n_redistributes, n_filters;
	const struct policy_network *networks; /* without a wildcard: the classful network */
	const struct policy_redistribute *redistributes;
	const struct policy_route_filter *filters;
	struct policy_passive passive;
	size_t n_neighbors; /* `neighbor A IF`: that interface speaks to these alone */
	const struct policy_eigrp_neighbor {
		uint32_t addr;
		const char *interface;
	} * neighbors;
};

/* `interface`, `ip ... eigrp AS ...` */
struct policy_eigrp_interface {
	uint32_t as;
	uint32_t hello, hold; /* seconds; 0: 5 and 15 */
	bool no_split_horizon;
	size_t n_summaries;
	const struct prefix *summaries;
};

/* --- RIP -------------------------------------------------------------------------------------- */

struct policy_rip {
	bool configured; /* of a VRF's always */
	uint8_t version; /* 0: sends 1, takes both; 1; 2 */
	const char *vrf;
	bool auto_summary;
	uint8_t distance, maximum_paths; /* 0: 120 and 4 */
	uint32_t default_metric;         /* of what is redistributed; 0: it is not */
	bool default_originate;
	const struct policy_route_map *default_map; /* of that; NULL: none */
	uint32_t update, invalid, holddown, flush;  /* seconds; 0: 30, 180, 180, 240 */
	size_t n_networks, n_redistributes, n_filters;
	const struct policy_network *networks; /* classful */
	const struct policy_redistribute *redistributes;
	const struct policy_route_filter *filters;
	struct policy_passive passive;
	size_t n_neighbors;
	const uint32_t *neighbors;
};

/* --- BGP -------------------------------------------------------------------------------------- */

enum bgp_family { BGP_IPV4, BGP_VPNV4, BGP_FAMILIES };

/* What a neighbour is, its peer group's lines included. */
struct policy_bgp_neighbor {
	uint32_t addr;
	uint32_t remote_as;        /* 0: not set, and no session */
	uint32_t local_as;         /* 0: the process's */
	const char *description;   /* "" when not set */
	const char *group;         /* its peer group; NULL: none */
	const char *update_source; /* interface; NULL: by the route */
	bool shutdown, passive;
	uint8_t ebgp_multihop;    /* 0: 1 */
	uint32_t keepalive, hold; /* seconds; 0: the process's */
	struct span password;     /* secret; empty: none */
	/* By family; of a VRF's neighbour BGP_IPV4 alone. */
	struct policy_bgp_family {
		bool active; /* `activate` */
		bool next_hop_self, next_hop_self_all, route_reflector_client, soft_inbound;
		bool default_originate;
		const struct policy_route_map *default_map; /* of that; NULL: none */
		bool send_community, send_extended_community;
		bool remove_private_as, as_override;
		uint8_t allowas_in; /* how often our AS may be in a path; 0: not */
		uint16_t weight;
		uint32_t maximum_prefix; /* 0: no end */
		bool maximum_warns;      /* more than that is only told */
		struct policy_route_filter in, out;
	} families[BGP_FAMILIES];
};

struct policy_bgp {
	uint32_t as; /* 0: not configured */
	uint32_t router_id, cluster_id;
	bool no_default_unicast; /* `no bgp default ipv4-unicast` */
	bool no_target_filter;   /* `no bgp default route-target filter` */
	bool always_compare_med, deterministic_med, log_neighbor_changes;
	uint32_t default_local_preference; /* 0: 100 */
	uint32_t keepalive, hold;          /* seconds; 0: 60 and 180 */
	size_t n_vrfs;
	/* The global table (vrf NULL) comes first, and always is. */
	const struct policy_bgp_vrf {
		const char *vrf;
		bool auto_summary, synchronization, default_originate;
		const struct policy_vrf
		    *vpn; /* of a VRF that has a route distinguisher; else NULL */
		const struct policy_route_map *import_map, *export_map; /* of that; NULL: none */
		uint8_t maximum_paths, maximum_paths_ibgp;              /* 0: 1 */
		uint8_t distance[3]; /* external, internal, local; 0: 20, 200, 200 */
		size_t n_neighbors, n_networks, n_redistributes, n_aggregates;
		const struct policy_bgp_neighbor *neighbors;
		const struct policy_bgp_network {
			struct prefix prefix;
			bool backdoor; /* not announced: its distance is that of local routes */
			const struct policy_route_map *map; /* NULL: none */
		} * networks;
		const struct policy_redistribute *redistributes;
		const struct policy_bgp_aggregate {
			struct prefix prefix;
			bool summary_only, as_set;
		} * aggregates;
	} * vrfs;
};

/* --- VRFs ------------------------------------------------------------------------------------- */

/* `ip vrf NAME`, `vrf definition NAME`. Route targets and distinguishers: type, then six octets. */
struct policy_vrf {
	const char *name;
	bool ipv4; /* `address-family ipv4`; always of `ip vrf` */
	bool has_rd;
	uint64_t rd;
	size_t n_imports, n_exports;
	const uint64_t *imports, *exports;
};

/* --- MPLS ------------------------------------------------------------------------------------- */

/* `mpls ...`, beside what interfaces say. */
struct policy_mpls {
	bool off;                  /* `no mpls ip` */
	bool interfaces;           /* LDP at one of them at least */
	const char *ldp_router_id; /* interface; NULL: a loopback's address, else any */
	/* `no mpls ip propagate-ttl`: of what is passed on, of what the router itself sends */
	bool hides_forwarded, hides_local;
};

/* --- all of it -------------------------------------------------------------------------------- */

struct policy_routing {
	size_t n_prefix_lists, n_community_lists, n_route_maps, n_ospf, n_eigrp, n_rip_vrfs;
	const struct policy_prefix_list *prefix_lists;
	const struct policy_community_list *community_lists;
	const struct policy_route_map *route_maps;
	const struct policy_ospf *ospf;
	const struct policy_eigrp *eigrp;
	struct policy_rip rip;             /* of the global table */
	const struct policy_rip *rip_vrfs; /* `address-family ipv4 vrf` */
	struct policy_bgp bgp;
	struct policy_mpls mpls;
};

#endif
