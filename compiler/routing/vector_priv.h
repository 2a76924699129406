/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside EIGRP and RIP: processes that tell their neighbours how far each prefix is from them.
 *
 * A process believes the best offer and offers that itself, so what the whole network settles on
 * is found from the origins outwards, the nearest process first (Dijkstra): no offer that comes
 * later can be better than one that came before, as a way only grows. Both protocols share that;
 * eigrp.c and rip.c say what a metric is and who is told what.
 */
#ifndef TESTUDO_VECTOR_PRIV_H
#define TESTUDO_VECTOR_PRIV_H

#include "compiler/routing/routing_priv.h"

#define VECTOR_INFINITY UINT32_MAX
#define VECTOR_NOBODY   255 /* as distance: no other source has the prefix */

/* What an offer carries. Of RIP the delay alone counts, in hops. */
struct vector_metric {
	uint32_t bandwidth; /* kbit/s, the least on the way */
	uint32_t delay;     /* tens of microseconds, of all lines on the way */
	uint32_t mtu;       /* the least */
	uint8_t reliability, load, hops;
};

struct vector_route;
struct vector_edge;

struct vector_proc {
	struct rt_node *node;
	struct rt_vrf *vrf;
	enum rt_protocol protocol;
	uint32_t process;
	const struct policy_eigrp *eigrp; /* one of the two */
	const struct policy_rip *rip;
	uint32_t router_id; /* of EIGRP; 0: none to be had */
	size_t index;       /* among all; vector_net.c */
};

/* --- the network (vector_net.c) --------------------------------------------------------------- */

/* Where a process has a route from. */
enum vector_from {
	VECTOR_LEARNED,
	VECTOR_CONNECTED, /* an interface of the process */
	VECTOR_SUMMARY,
	VECTOR_INJECTED_CONNECTED, /* redistributed: */
	VECTOR_INJECTED_STATIC,
	VECTOR_INJECTED
};

/* What a process chose for a prefix. */
struct vector_route {
	struct prefix to;
	struct vector_metric metric;
	uint32_t cost; /* what it reckons from the metric */
	uint32_t tag;
	uint32_t origin; /* EIGRP: the identifier of who redistributed it */
	/*
	 * RIP: of what is redistributed, where it leads; of an offer, where it is to be sent by
	 * (RFC 2453 4.4). 0: to who tells it.
	 */
	uint32_t next_hop;
	uint32_t teller; /* of a learned one, its address */
	enum vector_from from;
	bool external;
	uint8_t n_hops;
	uint32_t hops; /* the first, in the member's pool */
};

/* What a process is fed with: what its router has of other sources. */
struct vector_input {
	struct vector_route route; /* as the process tells it; */
	bool told;                 /* false: it does not, it only knows that it need not learn it */
	uint8_t distance;          /* of the other source */
};

/* A summary is told while there is something within. */
struct vector_summary {
	struct prefix to;
	bool active;
	struct vector_route route; /* with the least cost of what is within */
};

/* `from` tells `to`. */
struct vector_edge {
	uint32_t from, to;               /* members */
	const struct rt_iface *out, *in; /* of `from`, of `to` */
	const struct vector_if *x, *y;   /* likewise */
};

struct vector_member { /* a process */
	struct vector_proc *proc;
	uint32_t first_out, n_out; /* in edges */
	uint32_t first_in, n_in;   /* in incoming */
	struct vector_input *inputs;
	size_t n_inputs;
	struct vector_summary *summaries;
	size_t n_summaries, summaries_capacity;
	struct vector_route *routes; /* by length, the longest first, and address */
	size_t n_routes, routes_capacity;
	struct routing_hop *hops;
	size_t n_hops, hops_capacity;
};

struct vector_net {
	struct routing *routing;
	struct vector_member *members;
	size_t n_members;
	struct vector_edge *edges; /* by who tells */
	uint32_t *incoming;        /* places in edges, by who is told */
	size_t n_edges, edges_capacity;
};

const struct vector_route *vector_route_find(const struct vector_member *m, struct prefix to);
struct vector_summary *vector_summary_find(const struct vector_member *m, struct prefix to);

/* --- what is told (vector_offer.c) ------------------------------------------------------------ */

/*
 * What `to` gets by the edge of route r, whose next hops are h: false: nothing. An offer has the
 * metric as the receiver reckons it; its next hops are empty.
 */
bool vector_offer(const struct vector_net *net, const struct vector_edge *e,
                  const struct vector_route *r, const struct routing_hop *h,
                  struct vector_route *ret);
/* Does the sender's interface tell `to` as a summary of its own making, while it is active? */
bool vector_summarises(const struct vector_edge *e, struct prefix to);
/* The best comes first. */
uint64_t vector_rank(const struct vector_route *r);
uint8_t vector_distance(const struct vector_proc *p, const struct vector_route *r);
uint8_t vector_paths_max(const struct vector_proc *p);

/* --- the ways that a process knows (vector_paths.c) ------------------------------------------- */

struct vector_path {
	struct routing_hop hop;
	struct vector_route offer;
	uint32_t reported; /* what the neighbour's own cost is */
};

/*
 * All that neighbours offer for a route, the best first; feasible ones alone (RFC 7868 3.5) or
 * all. Returns how many, at most max.
 */
size_t vector_paths(const struct vector_net *net, const struct vector_member *m,
                    const struct vector_route *r, bool all, struct vector_path *ret, size_t max);

/* --- what differs between the two ------------------------------------------------------------- */

bool eigrp_agrees(const struct rt_iface *i, const struct vector_if *x, const struct rt_iface *peer,
                  const struct vector_if *y);
bool rip_hears(const struct rt_iface *i, const struct vector_if *x, const struct rt_iface *peer,
               const struct vector_if *y);
void eigrp_interface(struct vector_if *x, const struct rt_iface *i);
void rip_interface(struct vector_if *x, const struct rt_iface *i);
/* The cost that a process reckons; VECTOR_INFINITY: out of reach. */
uint32_t eigrp_reckon(const struct policy_eigrp *conf, const struct vector_metric *m);
uint32_t rip_reckon(const struct vector_metric *m);
void eigrp_extend(struct vector_metric *m, const struct vector_if *in);
void rip_extend(struct vector_metric *m);
bool eigrp_stub_tells(const struct policy_eigrp *conf, const struct vector_route *r);
/* Does the interface keep back what a summary stands for, or what its version cannot tell? */
bool eigrp_keeps_back(const struct vector_edge *e, struct prefix to);
bool rip_keeps_back(const struct vector_edge *e, struct prefix to);
bool rip_summarises(const struct vector_edge *e, struct prefix to);
/* RFC 2453 4.4: the next hop that is named with the route; 0: none. */
uint32_t rip_next_hop(const struct vector_edge *e, const struct vector_route *r);
bool rip_is_classful(const struct policy_rip *conf); /* summarises by class */
/* The metric of what is redistributed; false: it has none, and is not. */
bool eigrp_seed(const struct vector_proc *p, const struct policy_redistribute *line,
                const struct rt_route *route, const struct policy_route_map_entry *entry,
                struct vector_metric *ret);
bool rip_seed(const struct vector_proc *p, enum routing_source from, const struct rt_attributes *a,
              struct vector_metric *ret);

bool vector_same_subnet(const struct rt_iface *a, const struct rt_iface *b);

#endif
