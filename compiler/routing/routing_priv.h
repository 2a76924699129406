/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the engine: nodes, their interfaces and VRFs, who sees whom (adjacency.c), and what the
 * protocols make of it.
 */
#ifndef TESTUDO_ROUTING_PRIV_H
#define TESTUDO_ROUTING_PRIV_H

#include "compiler/routing/routing.h"

struct rt_node;
struct rt_iface;
struct ospf_proc;
struct vector_proc;
struct bgp_proc;

/* --- neighbours ------------------------------------------------------------------------------- */

enum rt_protocol { RT_OSPF, RT_EIGRP, RT_RIP, RT_LDP };

/* OSPF's states, as far as they last; the other protocols have the first and the last. */
enum rt_state { RT_DOWN, RT_INIT, RT_2WAY, RT_FULL };

/* How an interface sees a neighbour's. Both have one of the other. */
struct rt_view {
	struct rt_iface *peer;
	enum rt_protocol protocol;
	uint32_t process; /* EIGRP: the autonomous system; else 0 */
	enum rt_state state;
	bool lost;  /* nothing is heard any more; it goes when `due` comes */
	msec due;   /* of RT_INIT: when a hello has come; MSEC_NEVER: nothing is due */
	msec since; /* in its state */
	msec hello, dead;
	uint64_t session_epoch; /* of LDP: when `session` was last found out */
	bool session;           /* each reaches the other's identifier */
};

/* --- OSPF at an interface --------------------------------------------------------------------- */

struct ospf_if {
	struct ospf_proc *proc; /* NULL: none */
	uint32_t area, cost;
	enum ospf_network network; /* never OSPF_NETWORK_DEFAULT */
	bool loopback, passive;    /* a loopback without a network type: a host route */
	uint8_t priority;
	msec hello, dead;
	enum ospf_auth auth;
	struct span key; /* the policy's */
	uint8_t key_id;
	bool waiting; /* RFC 2328 9.3: no election before wait_until */
	msec wait_until;
	struct rt_iface *dr, *bdr; /* as it sees them; NULL: none */
	uint32_t vertex;           /* of the network that it is designated router of */
};

/* --- EIGRP and RIP at an interface ------------------------------------------------------------ */

struct vector_if {
	struct vector_proc *proc;
	const struct policy_eigrp_interface *eigrp; /* NULL: nothing configured */
	bool passive, split_horizon;
	uint32_t bandwidth, delay; /* kbit/s; tens of microseconds */
	msec hello, dead;          /* RIP: how often it tells all; how long others believe it */
	size_t n_summaries;
	struct prefix *summaries; /* what is told by it instead of what is within */
};

/* --- routes ----------------------------------------------------------------------------------- */

/* The routing information base of a VRF: connected and static routes, too. */
struct rt_route {
	struct prefix to;
	enum routing_source source;
	uint32_t process;
	enum routing_kind kind; /* of a protocol's */
	uint8_t distance;
	uint32_t metric, tag;
	uint32_t from;                      /* who told it, as of a routing_route */
	const struct rt_iface *connected;   /* of a connected one */
	const struct vector_metric *vector; /* of EIGRP's; else NULL */
	uint8_t n_hops;
	const struct routing_hop *hops;
	const struct rt_vpn *vpn; /* by hop, of what a VRF imports; else NULL */
};

/* A hop of a VPN's route: its `via` is a provider edge in the global table, or in a VRF here. */
struct rt_vpn {
	uint32_t label;      /* that goes there; 0: none, it leads into `from` */
	struct rt_vrf *from; /* the VRF of this node that it comes from; NULL: none */
	uint32_t domain;     /* of OSPF at the other edge (RFC 4577 4.2.6); 0: none */
	uint8_t type;        /* there: 0 within the domain; 1, 2: external */
};

struct rt_rib {
	struct arena *arena;
	struct rt_route *routes;
	size_t n, capacity;
};

/* --- nodes ------------------------------------------------------------------------------------ */

struct rt_iface {
	struct rt_iface *next; /* of the node, in the order they came */
	struct rt_node *node;
	char *name;
	uint32_t segment; /* 0: none */
	bool up;
	bool was_up;                         /* when adjacencies were last looked at */
	const struct policy_interface *conf; /* NULL: not in the policy */
	uint32_t addr;                       /* 0: none */
	uint8_t len;
	struct rt_vrf *vrf;
	struct ospf_if ospf;
	bool mpls; /* LDP is spoken, and labels are taken */
	size_t n_vectors;
	struct vector_if *vectors; /* by the node's processes */
	bool had_line;             /* when adjacencies were last looked at */
	msec line_since;
	size_t n_views, views_capacity;
	struct rt_view *views;
};

struct rt_vrf {
	struct rt_vrf *next;
	struct rt_node *node;
	char *name; /* NULL: the global table */
	struct routing_table table;
	uint64_t made; /* the generation that the table is of; 0: none */
	struct arena *arena;
	struct rt_rib rib; /* walk.c */
	uint64_t rib_epoch;
};

struct rt_node {
	struct routing *routing;
	size_t number;
	const struct policy *policy; /* NULL: none */
	bool on, frozen;
	bool was_on;
	struct rt_iface *ifaces;
	struct rt_vrf *vrfs; /* the first is the global one */
	size_t n_ospf;
	struct ospf_proc **ospf; /* in the policy's order */
	size_t n_vectors;
	struct vector_proc **vectors; /* EIGRP in the policy's order, then RIP */
	size_t n_bgp;
	struct bgp_proc **bgp;  /* by VRF */
	bool had_mpls;          /* once: who stops tells its neighbours */
	bool mpls;              /* at one of its interfaces at least */
	uint64_t mpls_fed;      /* what its global table was when VPNs were last looked at */
	struct mpls_book *book; /* NULL: it has told no label yet */
};

struct ospf_net;
struct vector_net;
struct bgp_net;

struct routing {
	struct routing_env env;
	struct rt_node **nodes;
	size_t n_nodes, nodes_capacity;
	struct rt_segment {
		uint32_t number;
		struct rt_iface **ifaces;
		size_t n, capacity;
	} * segments; /* in order of their numbers, which may be far apart */
	size_t n_segments, segments_capacity;
	msec now;
	bool changed;        /* adjacencies are to be looked at */
	uint64_t generation; /* from 1 */
	uint64_t looked;     /* the generation when adjacencies were last looked at, */
	msec touched;        /* and when it came to be */
	uint64_t version;    /* of the last table that became another */
	struct ospf_net *ospf;
	struct vector_net *vectors;
	struct bgp_net *bgp;
	uint64_t epoch;         /* another one when what they say is another */
	uint64_t sessions_made; /* the generation that BGP's sessions are of */
	msec sessions_due;
	uint64_t made;  /* the generation that what follows from adjacencies is of */
	bool unsettled; /* protocols that feed each other came to no end */
};

/* NULL: there is none, as of 0. */
struct rt_segment *rt_segment_find(const struct routing *r, uint32_t number);
void rt_touch(struct routing *r); /* tables may be others */
struct rt_vrf *rt_vrf_find(const struct rt_node *n, const char *name);
struct rt_iface *rt_iface_find(const struct rt_node *n, const char *name);
/* Bits: kbit/s as routing protocols reckon with. */
uint32_t rt_bandwidth(const struct rt_iface *i);
uint32_t rt_delay(const struct rt_iface *i); /* tens of microseconds; likewise */
/* The identifier a process takes: the highest address of a loopback, else of any interface. */
uint32_t rt_router_id(const struct rt_vrf *vrf,
                      bool (*taken)(const struct rt_node *n, uint32_t id));
bool rt_alive(const struct rt_node *n);

/* --- adjacency.c ------------------------------------------------------------------------------ */

/* What two interfaces of a segment must agree upon; false: they will never be neighbours. */
bool ospf_agrees(const struct rt_iface *a, const struct rt_iface *b);
/* What keeps two at which OSPF speaks from it; NULL: nothing. */
const char *ospf_differs(const struct rt_iface *a, const struct rt_iface *b);

msec rt_adjacency_update(struct routing *r);
struct rt_view *rt_view_find(const struct rt_iface *i, const struct rt_iface *peer,
                             enum rt_protocol protocol, uint32_t process);
void rt_views_forget(struct rt_iface *i, enum rt_protocol protocol, uint32_t process);
void rt_peer_forget(struct rt_iface *i, const struct rt_iface *peer);
const char *rt_state_text(enum rt_state state);

/* --- vector_*.c, eigrp.c, rip.c --------------------------------------------------------------- */

void vector_configure(struct rt_node *n); /* reads the node's policy anew */
void vector_forget(struct rt_node *n);
void vector_restart(struct rt_node *n);
void vector_identify(struct rt_node *n);
/* What `i` has of the process that `x` is of at a neighbour; NULL: nothing. */
const struct vector_if *vector_if_match(const struct rt_iface *i, const struct vector_if *x);
enum rt_protocol vector_protocol(const struct vector_if *x);
uint32_t vector_process(const struct vector_if *x);
/* Does `i`, which has x, take what `peer`, which has y, sends? */
bool vector_agrees(const struct rt_iface *i, const struct vector_if *x, const struct rt_iface *peer,
                   const struct vector_if *y);
/* Why EIGRP does not take it any more, as IOS logs it. */
const char *eigrp_why_not(const struct rt_iface *i, const struct vector_if *x,
                          const struct rt_iface *peer);

/* --- ldp.c, lsp.c: mpls_priv.h ---------------------------------------------------------------- */

void mpls_configure(struct rt_node *n); /* reads the node's policy anew */
void mpls_forget(struct rt_node *n);    /* all labels that it has told */
uint32_t ldp_id(const struct rt_node *n);
/* Labels of a table's routes, and where a VPN's routes lead; what leads nowhere goes. */
void mpls_table_finish(struct rt_vrf *vrf, const struct rt_rib *rib, struct routing_route *routes,
                       size_t *n);

/* --- bgp_*.c ---------------------------------------------------------------------------------- */

void bgp_configure(struct rt_node *n); /* reads the node's policy anew */
void bgp_forget(struct rt_node *n);
void bgp_restart(struct rt_node *n);
void bgp_identify(struct rt_node *n);
/* Establishes sessions and ends them; changed: lines or nodes are not what they were. */
msec bgp_sessions_update(struct routing *r, bool changed);

/* --- ospf_*.c --------------------------------------------------------------------------------- */

struct ospf_proc {
	struct rt_node *node;
	struct rt_vrf *vrf;
	const struct policy_ospf *conf;
	uint32_t process;
	uint32_t router_id; /* 0: none to be had, and it does not run */
	uint32_t island;    /* who hears of each other's news: ospf_graph.c */
	size_t index;       /* among all */
};

/* Reads the node's policy anew: processes, and what each interface has of them. */
void ospf_configure(struct rt_node *n);
void ospf_forget(struct rt_node *n);
/* The node starts anew: identifiers that are not configured are chosen again. */
void ospf_restart(struct rt_node *n);
/* Interfaces that are up by now may give an identifier to a process that had none. */
void ospf_identify(struct rt_node *n);
const struct policy_ospf_area *ospf_area_find(const struct ospf_proc *p, uint32_t area);
/* Chooses designated routers where they may be others now. True: some are. */
bool ospf_elect(struct rt_iface *i);
/* The state that two interfaces which hear each other come to. */
enum rt_state ospf_state(const struct rt_iface *i, const struct rt_iface *peer);

/* Best routes of one process, in the arena, by prefix. */
struct ospf_route {
	struct prefix to;
	enum routing_kind kind;
	uint32_t metric; /* of type 2: the external one */
	uint32_t cost;   /* to where a type 2 leaves */
	uint32_t area, tag;
	uint32_t from; /* router identifier of who tells it */
	uint32_t hops; /* the first, in the list's */
	uint8_t n_hops;
	bool own; /* a network of this router */
};

struct ospf_routes {
	struct ospf_route *list;
	size_t n, capacity;
	struct routing_hop *hops;
	size_t n_hops, hops_capacity;
};

uint32_t ospf_domain(const struct ospf_proc *p); /* RFC 4577 4.2.4 */
void ospf_routes_fini(struct ospf_routes *routes);
struct ospf_net *ospf_net_new(struct routing *r);
void ospf_net_free(struct ospf_net *net);
void ospf_routes_make(struct ospf_net *net, struct ospf_proc *p, struct ospf_routes *ret);

/* --- filter.c --------------------------------------------------------------------------------- */

/* A route as filters and route maps see it and change it. */
struct rt_attributes {
	struct prefix to;
	uint32_t metric, tag, local_preference;
	uint32_t next_hop;
	uint16_t weight;
	uint8_t metric_type;   /* 0: not said */
	bool has_metric;       /* a `set metric` said it */
	const char *interface; /* by which it goes or came; NULL: none */
	size_t n_communities;
	const uint32_t *communities;
	const struct policy_route_map_entry *entry; /* that let it pass; NULL: none did */
};

bool rt_prefix_list_permits(const struct policy_prefix_list *l, struct prefix to);
bool rt_acl_permits(const struct policy_acl *acl, struct prefix to);
/* False: it is denied. NULL permits all and changes nothing. */
bool rt_map_apply(const struct policy_route_map *map, struct rt_attributes *a);
/* Do all filters of this direction let the prefix pass by the interface (NULL: any)? */
bool rt_filters_permit(const struct policy_route_filter *filters, size_t n, bool out,
                       const char *interface, struct prefix to);

/* --- rib.c ------------------------------------------------------------------------------------ */

void rt_rib_add(struct rt_rib *rib, const struct rt_route *route);
/* What is connected or static alone; the latter without what protocols lead to. */
void rt_rib_local(struct rt_vrf *vrf, struct rt_rib *ret);
/* What protocols know (all: and what is connected or static), of each prefix the nearest. */
void rt_rib_make(struct rt_vrf *vrf, struct rt_rib *ret, bool all);
void rt_rib_fini(struct rt_rib *rib);
/* The longest match; NULL: none. */
const struct rt_route *rt_rib_lookup(const struct rt_rib *rib, uint32_t addr);
const struct rt_route *rt_rib_find(const struct rt_rib *rib, struct prefix to);
void rt_table_make(struct rt_vrf *vrf);

/* --- walk.c ----------------------------------------------------------------------------------- */

/* All that a VRF has, of the round that it is asked in; lent until the next one. */
const struct rt_rib *rt_rib_get(struct rt_vrf *vrf);
/* By which interface something leaves, and to whom on its link; NULL: it does not. */
const struct rt_iface *rt_way_out(struct rt_vrf *vrf, uint32_t to, uint32_t *ret_via);
/* Where a packet to an address arrives, in ttl hops at most; NULL: it does not. */
struct rt_vrf *rt_walk(struct rt_vrf *from, uint32_t to, unsigned ttl);
bool rt_owns(const struct rt_vrf *vrf, uint32_t addr);

/* --- redistribute.c --------------------------------------------------------------------------- */

uint8_t rt_class_len(uint32_t addr);                   /* of its network by class; 0: it has none */
int rt_prefix_order(struct prefix a, struct prefix b); /* by address, then by length */
int rt_longest_first(struct prefix a, struct prefix b); /* by length, then by address */
/* Does this line take the route; changed as it says? */
bool rt_redistributes(const struct policy_redistribute *line, const struct rt_route *route,
                      struct rt_attributes *ret);
/* All that follows from who sees whom, protocols fed by each other until nothing changes. */
void rt_solve(struct routing *r);

/* May a process of OSPF tell external routes, by its configuration? */
bool ospf_is_fed(const struct ospf_proc *p);
/* What a process of OSPF is fed with. True: it is something else than before. */
bool ospf_feed(struct ospf_net *net, struct ospf_proc *p, const struct rt_rib *rib);
void ospf_rib_add(struct ospf_net *net, struct ospf_proc *p, struct rt_rib *rib);

/* The same of EIGRP and RIP; all of them are solved together, when they have been fed. */
struct vector_net *vector_net_new(struct routing *r);
void vector_net_free(struct vector_net *net);
bool vector_feed(struct vector_net *net, struct vector_proc *p, const struct rt_rib *rib);
void vector_solve(struct vector_net *net);
void vector_rib_add(const struct vector_net *net, const struct vector_proc *p, struct rt_rib *rib);
const struct rt_vrf *vector_vrf(const struct vector_proc *p);

/* And of BGP. */
struct bgp_net *bgp_net_new(struct routing *r);
void bgp_net_free(struct bgp_net *net);
bool bgp_feed(struct bgp_net *net, const struct bgp_proc *p, const struct rt_rib *rib);
void bgp_solve(struct bgp_net *net);
void bgp_rib_add(const struct bgp_net *net, const struct bgp_proc *p, struct rt_rib *rib);
const struct rt_vrf *bgp_vrf(const struct bgp_proc *p);
bool bgp_settled(const struct bgp_net *net);
bool bgp_has_vpns(const struct bgp_net *net);
uint64_t rt_rib_number(const struct rt_rib *rib); /* stands for all that is in it */

#endif
