/* SPDX-License-Identifier: Apache-2.0 */
/* A network for tests of routing protocols: policies made in C, and the tables as text. */
#ifndef TESTUDO_ROUTING_NET_H
#define TESTUDO_ROUTING_NET_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/text.h"
#include "compiler/routing/routing.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define NET_NODES_MAX  1100
#define NET_IFACES_MAX 16

struct net_node {
	struct policy policy;
	struct policy_interface ifaces[NET_IFACES_MAX];
	struct policy_ospf_interface ospf_ifaces[NET_IFACES_MAX];
	char names[NET_IFACES_MAX][24];
	struct policy_ospf ospf[2];
	struct policy_ospf_area areas[4];
	struct policy_redistribute redistributes[4];
	struct policy_route routes[8];
	struct policy_eigrp eigrp[2];
	struct policy_eigrp_interface eigrp_ifaces[NET_IFACES_MAX];
	struct policy_redistribute eigrp_redistributes[2][4];
	struct policy_redistribute rip_redistributes[4];
	struct policy_bgp_vrf bgp;
	struct policy_bgp_neighbor bgp_neighbors[8];
	struct policy_bgp_network bgp_networks[8];
	struct policy_bgp_aggregate bgp_aggregates[2];
	struct policy_redistribute bgp_redistributes[4];
	uint32_t segments[NET_IFACES_MAX];
};

struct net {
	struct routing *r;
	struct net_node *nodes;
	size_t n;
	struct text log;
	msec now;
	bool cut[8][8]; /* what is sent from one does not reach the other */
};

static inline bool
net_reaches(void *arg, size_t from, size_t to)
{
	const struct net *net = arg;

	return from >= 8 || to >= 8 || !net->cut[from][to];
}

static inline void
net_told(void *arg, size_t node, const struct routing_event *e)
{
	struct net *net = arg;
	char a[ADDR_TEXT_MAX];

	text_printf(&net->log, "%d R%zu %s %s %s>%s %s\n", (int)(net->now / 1000), node + 1,
	            addr_text(e->neighbor, a), e->interface ? e->interface : "-",
	            e->from ? e->from : "",
	            e->to   ? e->to
	            : e->up ? "up"
	                    : "down",
	            e->why);
}

static inline struct net *
net_new(size_t n)
{
	struct net *net = x_alloc(sizeof(*net));
	const struct routing_env env = {.reaches = net_reaches, .told = net_told, .arg = net};

	net->r = routing_new(&env);
	net->nodes = x_alloc(n * sizeof(*net->nodes));
	net->n = n;
	for (size_t k = 0; k < n; k++) {
		struct net_node *node = &net->nodes[k];

		routing_node_add(net->r);
		node->policy.interfaces = node->ifaces;
		node->policy.routes = node->routes;
		node->policy.routing.ospf = node->ospf;
		node->policy.routing.n_ospf = 1;
		node->ospf[0] = (struct policy_ospf){.process = 1,
		                                     .log_adjacency_changes = true,
		                                     .areas = node->areas,
		                                     .redistributes = node->redistributes};
	}
	return net;
}

static inline void
net_free(struct net *net)
{
	routing_free(net->r);
	text_fini(&net->log);
	free(net->nodes);
	free(net);
}

static const struct policy_network net_everything = {0, 0, 0};

/* Without OSPF; EIGRP 100 or RIP 2 at every interface when they are asked for. */
static inline struct net *
net_new_plain(size_t n, bool eigrp, bool rip)
{
	struct net *net = net_new(n);

	for (size_t k = 0; k < n; k++) {
		struct net_node *node = &net->nodes[k];

		node->policy.routing.n_ospf = 0;
		node->policy.routing.eigrp = node->eigrp;
		node->policy.routing.n_eigrp = eigrp;
		for (size_t i = 0; i < 2; i++)
			node->eigrp[i] =
			    (struct policy_eigrp){.as = 100 + 100 * (uint32_t)i,
			                          .k = {1, 0, 1, 0, 0, 0},
			                          .networks = &net_everything,
			                          .n_networks = 1,
			                          .redistributes = node->eigrp_redistributes[i]};
		node->policy.routing.rip =
		    (struct policy_rip){.configured = rip,
		                        .version = 2,
		                        .networks = &net_everything,
		                        .n_networks = 1,
		                        .redistributes = node->rip_redistributes};
	}
	return net;
}

static inline struct policy_eigrp *
net_eigrp(struct net *net, size_t node)
{
	return &net->nodes[node - 1].eigrp[0];
}

static inline struct policy_rip *
net_rip(struct net *net, size_t node)
{
	return &net->nodes[node - 1].policy.routing.rip;
}

/* `router bgp`; then its neighbours and networks. */
static inline struct policy_bgp *
net_bgp(struct net *net, size_t node, uint32_t as)
{
	struct net_node *n = &net->nodes[node - 1];
	struct policy_bgp *bgp = &n->policy.routing.bgp;

	*bgp = (struct policy_bgp){.as = as,
	                           .router_id = IP(1, 1, 1, (unsigned)node),
	                           .log_neighbor_changes = true,
	                           .n_vrfs = 1,
	                           .vrfs = &n->bgp};
	n->bgp = (struct policy_bgp_vrf){.neighbors = n->bgp_neighbors,
	                                 .networks = n->bgp_networks,
	                                 .aggregates = n->bgp_aggregates,
	                                 .redistributes = n->bgp_redistributes};
	return bgp;
}

static inline struct policy_bgp_neighbor *
net_neighbor(struct net *net, size_t node, uint32_t addr, uint32_t as)
{
	struct net_node *n = &net->nodes[node - 1];
	struct policy_bgp_neighbor *to = &n->bgp_neighbors[n->bgp.n_neighbors++];

	*to = (struct policy_bgp_neighbor){.addr = addr,
	                                   .remote_as = as,
	                                   .description = "",
	                                   .families = {[BGP_IPV4] = {.active = true}}};
	to->families[BGP_IPV4].out.out = true;
	return to;
}

static inline void
net_network(struct net *net, size_t node, uint32_t addr, uint8_t len)
{
	struct net_node *n = &net->nodes[node - 1];

	n->bgp_networks[n->bgp.n_networks++] = (struct policy_bgp_network){.prefix = {addr, len}};
}

/* An interface that OSPF is told nothing about; what EIGRP 100 is told is returned. */
static inline struct policy_eigrp_interface *
net_plain(struct net *net, size_t node, const char *name, uint32_t addr, uint8_t len,
          uint32_t segment)
{
	struct net_node *n = &net->nodes[node - 1];
	size_t k = n->policy.n_interfaces++;

	snprintf(n->names[k], sizeof(n->names[k]), "%s", name);
	n->eigrp_ifaces[k] = (struct policy_eigrp_interface){.as = 100};
	n->ifaces[k] = (struct policy_interface){.name = n->names[k],
	                                         .has_address = true,
	                                         .addr = addr,
	                                         .len = len,
	                                         .eigrp = &n->eigrp_ifaces[k],
	                                         .n_eigrp = 1};
	n->segments[k] = segment;
	return &n->eigrp_ifaces[k];
}

static inline struct policy_interface *
net_conf(struct net *net, size_t node, size_t nth)
{
	return &net->nodes[node - 1].ifaces[nth];
}

static inline void
net_static(struct net *net, size_t node, struct policy_route route)
{
	struct net_node *n = &net->nodes[node - 1];

	n->routes[n->policy.n_routes++] = route;
}

/* An interface in an area; its process is 1. */
static inline struct policy_ospf_interface *
net_iface(struct net *net, size_t node, const char *name, uint32_t addr, uint8_t len,
          uint32_t segment, uint32_t area)
{
	struct net_node *n = &net->nodes[node - 1];
	size_t k = n->policy.n_interfaces++;

	snprintf(n->names[k], sizeof(n->names[k]), "%s", name);
	n->ospf_ifaces[k] =
	    (struct policy_ospf_interface){.process = 1, .area = area, .priority = -1};
	n->ifaces[k] = (struct policy_interface){.name = n->names[k],
	                                         .has_address = true,
	                                         .addr = addr,
	                                         .len = len,
	                                         .ospf = &n->ospf_ifaces[k]};
	n->segments[k] = segment;
	return &n->ospf_ifaces[k];
}

static inline struct policy_ospf *
net_ospf(struct net *net, size_t node)
{
	return &net->nodes[node - 1].ospf[0];
}

static inline struct policy_ospf_area *
net_area(struct net *net, size_t node, uint32_t area)
{
	struct policy_ospf *ospf = net_ospf(net, node);
	struct policy_ospf_area *a = &net->nodes[node - 1].areas[ospf->n_areas++];

	a->area = area;
	return a;
}

static inline struct policy_redistribute *
net_redistribute(struct net *net, size_t node, enum routing_source from)
{
	struct policy_ospf *ospf = net_ospf(net, node);
	struct policy_redistribute *r =
	    &net->nodes[node - 1].redistributes[ospf->n_redistributes++];

	r->from = from;
	r->subnets = true;
	return r;
}

static inline void
net_run(struct net *net, msec until)
{
	msec next = routing_update(net->r, net->now);

	while (next <= until) {
		net->now = next;
		next = routing_update(net->r, net->now);
	}
	net->now = until;
	routing_update(net->r, until);
}

static inline void
net_interface(struct net *net, size_t node, const char *name, bool up)
{
	const struct net_node *n = &net->nodes[node - 1];

	for (size_t k = 0; k < n->policy.n_interfaces; k++)
		if (strcmp(n->names[k], name) == 0)
			routing_interface(net->r, node - 1, name, n->segments[k], up);
}

static inline void
net_node_start(struct net *net, size_t node)
{
	const struct net_node *n = &net->nodes[node - 1];

	routing_node_policy(net->r, node - 1, &n->policy);
	for (size_t k = 0; k < n->policy.n_interfaces; k++)
		routing_interface(net->r, node - 1, n->names[k], n->segments[k], true);
}

/* All on, and a minute later. */
static inline void
net_start(struct net *net)
{
	for (size_t k = 1; k <= net->n; k++)
		net_node_start(net, k);
	net_run(net, net->now + SECONDS(60));
}

/* "O 10.0.0.0/24 [110/2] 10.1.1.1 F0 10.1.2.1 F1\n" for each route; in `t`. */
static inline const char *
net_table(struct net *net, size_t node, const char *vrf, struct text *t)
{
	const struct routing_table *table = routing_table(net->r, node - 1, vrf);
	char a[ADDR_TEXT_MAX];

	text_clear(t);
	for (size_t k = 0; k < table->n; k++) {
		const struct routing_route *r = &table->routes[k];

		text_printf(t, "%s%s%s %s/%u [%u/%u]", routing_kind_names[r->kind].code,
		            *routing_kind_names[r->kind].more ? " " : "",
		            routing_kind_names[r->kind].more, addr_text(r->to.addr, a), r->to.len,
		            r->distance, r->metric);
		for (uint8_t h = 0; h < r->n_hops; h++)
			text_printf(t, " %s %s", addr_text(r->hops[h].via, a),
			            r->hops[h].interface ? r->hops[h].interface : "-");
		text_puts(t, "\n");
	}
	return text_string(t);
}

#endif
