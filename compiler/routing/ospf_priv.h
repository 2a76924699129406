/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside OSPF: the link state databases, one graph for each area of the whole network, and what is
 * made of them. All of it belongs to one generation, and is made anew for the next.
 */
#ifndef TESTUDO_OSPF_PRIV_H
#define TESTUDO_OSPF_PRIV_H

#include "compiler/routing/routing_priv.h"

#define OSPF_INFINITY UINT32_MAX
#define OSPF_NONE     UINT32_MAX

/* --- the graph of an area (ospf_graph.c) ------------------------------------------------------ */

struct ospf_edge {
	uint32_t from, to; /* vertices */
	uint32_t cost;
	const struct rt_iface *out; /* of a router: by which interface; of a network: NULL */
	const struct rt_iface *in;  /* the router at its end receives by it; a network: NULL */
	/*
	 * One of the two does not see the other any more, and the other has not noticed: who hears
	 * of this one's news does not use the link. NULL: both see each other.
	 */
	const struct ospf_proc *dropper;
};

struct ospf_vertex {
	struct ospf_proc *proc;         /* a router; NULL: a network, */
	const struct rt_iface *network; /* by its designated router's interface */
	uint32_t first, n;              /* edges */
};

/* A network that vertices are connected to, each at a cost. */
struct ospf_stub {
	struct prefix to;
	uint32_t vertex, cost;
};

struct ospf_graph {
	uint32_t area;
	struct ospf_vertex *vertices;
	size_t n_vertices, vertices_capacity;
	struct ospf_edge *edges; /* by vertex */
	size_t n_edges, edges_capacity;
	struct ospf_stub *stubs; /* by prefix */
	size_t n_stubs, stubs_capacity;
};

/* --- shortest paths (ospf_spf.c) -------------------------------------------------------------- */

struct ospf_tree {
	const struct ospf_graph *graph;
	const struct ospf_proc *root;
	struct ospf_place {
		uint32_t dist; /* OSPF_INFINITY: not reached */
		uint32_t heap; /* place in the heap, from 1; 0: not in it */
		uint32_t hops; /* the first, in the pool */
		uint8_t n_hops;
		bool done;
	} * places; /* by vertex */
	uint32_t *heap;
};

/* A pool that grows; sets of next hops are pieces of it. */
struct ospf_pool {
	struct routing_hop *hops;
	size_t n, capacity;
};

/* Adds hop h to the set that is the pool's last piece, in order of addresses; at most max. */
void ospf_hop_add(struct ospf_pool *pool, uint32_t first, uint8_t *n, struct routing_hop h,
                  uint8_t max);

void ospf_tree_make(struct ospf_tree *t, const struct ospf_graph *g, uint32_t root,
                    struct ospf_pool *pool, uint8_t paths);
void ospf_tree_fini(struct ospf_tree *t);

/* --- processes in areas ----------------------------------------------------------------------- */

struct ospf_external {
	struct prefix to;
	uint32_t metric, tag;
	uint32_t forward; /* 0: to who tells it */
	uint8_t type;     /* 1 or 2; 0: a summary of the same domain's (RFC 4577 4.2.6) */
	bool down;        /* a provider's edge tells it, and other edges do not take it (4.2.5.1) */
};

/*
 * A route under way. Routers that tell external routes are destinations, too: their length is
 * OSPF_ROUTER, their address the place among all processes.
 */
#define OSPF_ROUTER 255
enum ospf_rank { OSPF_INTRA, OSPF_INTER, OSPF_TYPE1, OSPF_TYPE2 }; /* the best first */
struct ospf_candidate {
	struct prefix to;
	enum ospf_rank rank;
	uint32_t cost;   /* of type 2: to where it leaves */
	uint32_t metric; /* of type 2 */
	uint32_t area, tag;
	uint32_t from; /* router identifier of who tells it */
	uint32_t hops; /* the first, in the pool */
	uint8_t n_hops;
	bool own;    /* a network of this router */
	bool nssa;   /* type 7 */
	bool detour; /* of an external one: 16.4.1 has others preferred */
	bool drop;   /* a range or summary of its own: what nothing longer leads to is dropped */
	bool hidden; /* a range stands for it: it is not told */
};

struct ospf_list {
	struct ospf_candidate *list;
	size_t n, capacity;
};

void ospf_candidate_add(struct ospf_list *l, const struct ospf_candidate *c);
/* RFC 2328 16.4.1: by the backbone, or by more than one area. */
bool ospf_is_detour(const struct ospf_candidate *way);
/* The route to an address within what was picked; internal ones only. NULL: none. */
const struct ospf_candidate *ospf_lookup(const struct ospf_list *l, struct prefix to);
const struct ospf_candidate *ospf_lookup_addr(const struct ospf_list *l, uint32_t addr);

/* The tree of each of a process's areas. */
struct ospf_trees {
	struct ospf_tree *trees; /* by attachment */
	struct ospf_pool *pool;
	uint8_t paths;
	bool strict; /* ways to who tells external routes as 16.4.1 has it, not RFC 1583 */
};

/* By destination, of each the best, with the next hops of all that are as good. */
void ospf_pick(struct ospf_list *l, const struct ospf_trees *t);

struct ospf_member { /* a process, as the databases have it */
	struct ospf_proc *proc;
	size_t n_areas;
	struct ospf_attachment {
		struct ospf_graph *graph;
		uint32_t vertex;
		bool active; /* an interface of it is up */
		bool stub, nssa, no_summary;
		uint32_t default_cost;
		const struct policy_ospf_area *conf; /* NULL: nothing is said of it */
	} * areas;
	bool border;      /* RFC 3509 2.2: it has the backbone and another area */
	bool external;    /* it tells external routes */
	bool has_default; /* its router has a default route that is not its own */
	size_t n_externals, externals_capacity;
	struct ospf_external *externals;
	/* of a border router, when they were asked for: */
	bool has_intra, has_inter;
	struct ospf_list intra; /* what is in its areas, ranges put together */
	struct ospf_list inter; /* what it heard over the backbone */
};

struct ospf_net {
	struct routing *routing;
	struct ospf_graph **graphs;
	size_t n_graphs, graphs_capacity;
	struct ospf_member *members; /* by ospf_proc.index */
	size_t n_members;
	uint32_t *borders, *externals; /* places in members */
	size_t n_borders, n_externals;
};

/* External routes of all, beside what was picked: ospf_external.c. */
void ospf_externals_add(struct ospf_net *net, const struct ospf_member *m,
                        const struct ospf_trees *t, struct ospf_list *l);
/* Summaries that border routers tell one of a process's areas: of networks, of routers. */
void ospf_summaries_count(struct ospf_net *net, const struct ospf_member *m, size_t nth,
                          size_t *ret_networks, size_t *ret_routers);
void ospf_graphs_make(struct ospf_net *net);
void ospf_graph_free(struct ospf_graph *g);

#endif
