/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the engine of multicast trees. See multicast.h. */
#ifndef TESTUDO_MULTICAST_PRIV_H
#define TESTUDO_MULTICAST_PRIV_H

#include "compiler/multicast/multicast.h"
#include "compiler/policy/protocol.h"

#define MC_HELLO_WAIT   SECONDS(5)   /* RFC 7761 4.11: Triggered_Hello_Delay */
#define MC_IGMP_SILENCE SECONDS(180) /* three questions, one a minute, without an answer */
#define MC_KEEPALIVE    SECONDS(210) /* RFC 7761 4.11: of a source that is silent */
#define MC_HOPS_MAX     64
#define MC_FLOWS_MAX    1024

/* A PIM neighbour, as an interface has heard of it. */
struct mc_neighbor {
	struct mc_iface *peer;
	bool up;
	msec since;
	msec due; /* until then both say hello; of one that is up and silent: it is over then */
};

/* Somebody on a link listens, as an interface that is asked has heard. */
struct mc_member {
	struct mc_iface *by;
	uint32_t group, source; /* source 0: any */
	msec since, due;        /* due: silent, and over then; MSEC_NEVER: alive */
};

struct mc_iface {
	struct mc_iface *next;
	struct mc_node *node;
	struct mc_table *table; /* NULL: its node has no policy, or does not know it */
	char *name;
	uint32_t segment;
	bool up;
	const struct policy_interface *conf; /* NULL: none */
	uint32_t dr;                         /* address, last told of */
	size_t n_neighbors, neighbors_capacity;
	struct mc_neighbor *neighbors;
	size_t n_members, members_capacity;
	struct mc_member *members;
	size_t n_listens, listens_capacity;
	uint32_t *listens; /* groups, by the node itself */
};

struct mc_table {
	struct mc_table *next;
	struct mc_node *node;
	char *vrf;                           /* NULL: the global one */
	const struct policy_multicast *conf; /* NULL: nothing configured */
};

struct mc_node {
	struct multicast *multicast;
	size_t number;
	bool on, frozen;
	const struct policy *policy;
	struct mc_iface *ifaces;
	struct mc_table *tables;
};

/* Where a table expects what comes from an address. */
struct mc_rpf {
	struct mc_iface *iface; /* NULL: nowhere, or not where PIM is */
	bool own;               /* the address is the node's */
	bool connected;         /* it is on the link */
	uint32_t next;          /* else the neighbour */
	uint8_t distance;
	uint32_t metric;
};

struct mc_oif {
	struct mc_iface *iface;
	bool joined; /* by a router */
	bool local;  /* somebody on the link listens */
	msec since;
};

/* What one table does for one tree. */
struct mc_entry {
	struct mc_table *at;
	struct mc_rpf rpf;
	bool by_source; /* it takes packets from the source's side, else from the RP's */
	msec since;
	size_t n_oifs, capacity;
	struct mc_oif *oifs;
};

struct mc_tree {
	uint32_t source, group; /* source 0: the tree of the RP alone */
	size_t n, capacity;
	struct mc_entry *entries;
};

/* A source that is heard of. */
struct mc_flow {
	uint32_t source, group;
	msec first, last;
	bool fresh; /* the tree is that of `seen`, `routes` */
	uint64_t seen, routes;
	struct mc_tree tree;
	/* Last routers that are on its own tree: they stay there without an RP while it lives. */
	size_t n_served;
	struct mc_iface **served;
};

struct multicast {
	struct multicast_env env;
	msec now;
	uint64_t generation;
	size_t n_nodes, nodes_capacity;
	struct mc_node **nodes;
	/* All interfaces by segment; made again when `sorted` is false. */
	bool sorted;
	size_t n_ifaces, ifaces_capacity;
	struct mc_iface **ifaces;
	size_t n_flows, flows_capacity;
	struct mc_flow **flows;
};

/* --- multicast.c ------------------------------------------------------------------------------ */

struct mc_iface *mc_iface_find(const struct mc_node *n, const char *name);
struct mc_table *mc_table_find(const struct mc_node *n, const char *vrf);
/* Those of the interface's segment, itself among them; none of segment 0. */
struct mc_iface **mc_segment(struct multicast *m, const struct mc_iface *i, size_t *ret_n);
bool mc_table_on(const struct mc_table *t);
/* Is it up, on a node that is on? */
bool mc_alive(const struct mc_iface *i);
bool mc_reaches(const struct multicast *m, const struct mc_iface *from, const struct mc_iface *to);
/* Does the list of an interface on the way in let this through? */
bool mc_admits(const struct mc_iface *i, uint8_t proto, uint32_t src, uint32_t dst);

/* --- neighbors.c ------------------------------------------------------------------------------ */

/* Does multicast go by this interface at all? `passive` ones are among them. */
bool mc_pim(const struct mc_iface *i);
msec mc_neighbors_update(struct mc_iface *i); /* MSEC_NEVER, or when it is to be called again */
/* The neighbour of that address that is up; NULL: none. */
struct mc_neighbor *mc_neighbor_at(const struct mc_iface *i, uint32_t addr);
uint32_t mc_dr(const struct mc_iface *i); /* address; 0: nobody */
bool mc_is_dr(const struct mc_iface *i);

/* --- members.c -------------------------------------------------------------------------------- */

msec mc_members_update(struct mc_iface *i);
/* Who listens there to the source (0: to any) since longest; NULL: nobody. */
const struct mc_member *mc_listener(const struct mc_iface *i, uint32_t source, uint32_t group);
/* The node itself listens there. */
bool mc_listens(const struct mc_iface *i, uint32_t source, uint32_t group);

/* --- rpf.c ------------------------------------------------------------------------------------ */

enum multicast_mode mc_mode(const struct mc_table *t, uint32_t group, uint32_t *ret_rp);
struct mc_rpf mc_rpf(const struct mc_table *t, uint32_t addr);
/* Is the address on a network of the interface, or its own? */
bool mc_on_network(const struct mc_iface *i, uint32_t addr);
/*
 * Does a register (PIM by unicast) of that table reach the address, through lists and firewalls?
 * Who has it then; NULL: nobody.
 */
struct mc_table *mc_follow(struct mc_table *t, uint32_t addr);

/* --- trees.c ---------------------------------------------------------------------------------- */

struct mc_entry *mc_entry_find(const struct mc_tree *tree, const struct mc_table *at);
void mc_tree_fini(struct mc_tree *tree);
/* The tree of the RP, or of the RPs, of a group. Free with mc_tree_fini. */
void mc_tree_shared(struct multicast *m, uint32_t group, struct mc_tree *ret);
/* The flow's tree, as it is now. */
const struct mc_tree *mc_flow_tree(struct multicast *m, struct mc_flow *f);
struct mc_flow *mc_flow_find(const struct multicast *m, uint32_t source, uint32_t group);
bool mc_flow_alive(const struct multicast *m, const struct mc_flow *f);

#endif
