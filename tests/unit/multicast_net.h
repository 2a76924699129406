/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A network for tests of multicast trees: policies made in C, unicast by the fewest hops, and what
 * becomes of a packet as text.
 */
#ifndef TESTUDO_MULTICAST_NET_H
#define TESTUDO_MULTICAST_NET_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/text.h"
#include "compiler/multicast/multicast.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define CAST_NODES     8
#define CAST_IFACES    4
#define CAST_NOT_FOUND UINT32_MAX

struct cast_node {
	struct policy policy;
	struct policy_interface ifaces[CAST_IFACES];
	struct policy_multicast_interface casts[CAST_IFACES];
	struct policy_igmp_group joins[CAST_IFACES];
	char names[CAST_IFACES][8];
	uint32_t segments[CAST_IFACES];
	bool up[CAST_IFACES];
	struct policy_multicast multicast;
	struct policy_pim_rp rps[2];
	struct policy_mroute mroutes[2];
	bool off;
};

struct cast_net {
	struct multicast *m;
	struct cast_node nodes[CAST_NODES];
	size_t n;
	msec now;
	uint64_t version;
	struct text log;
	unsigned cost[CAST_NODES]; /* of a node that a packet passes, beside one for the hop */
};

static inline size_t
cast_node_with(const struct cast_net *net, uint32_t segment, size_t not, size_t from)
{
	for (size_t k = from; k < net->n; k++)
		for (size_t i = 0; i < net->nodes[k].policy.n_interfaces; i++)
			if (k != not &&!net->nodes[k].off && net->nodes[k].segments[i] == segment &&
			    net->nodes[k].up[i])
				return k;
	return net->n;
}

/* The interface of a node whose network has the address; none: CAST_IFACES. */
static inline size_t
cast_connected(const struct cast_node *n, uint32_t addr)
{
	for (size_t i = 0; i < n->policy.n_interfaces; i++)
		if (n->up[i] && ((n->ifaces[i].addr ^ addr) & prefix_mask(n->ifaces[i].len)) == 0)
			return i;
	return CAST_IFACES;
}

/* Hops and costs to the address by no node twice; the first step into *ret. */
static inline uint32_t
cast_search(const struct cast_net *net, size_t at, uint32_t addr, unsigned seen,
            struct multicast_route *ret)
{
	const struct cast_node *n = &net->nodes[at];
	size_t on = cast_connected(n, addr);
	uint32_t best = CAST_NOT_FOUND;
	struct multicast_route beyond;

	if (on < CAST_IFACES) {
		*ret = (struct multicast_route){.interface = n->names[on], .next = addr};
		return 0;
	}
	for (size_t i = 0; i < n->policy.n_interfaces; i++) {
		if (!n->segments[i] || !n->up[i])
			continue;
		for (size_t k = cast_node_with(net, n->segments[i], at, 0); k < net->n;
		     k = cast_node_with(net, n->segments[i], at, k + 1)) {
			uint32_t cost;
			size_t there = 0;

			if (seen >> k & 1)
				continue;
			cost = cast_search(net, k, addr, seen | 1u << k, &beyond);
			if (cost == CAST_NOT_FOUND || cost + 1 + net->cost[k] >= best)
				continue;
			best = cost + 1 + net->cost[k];
			while (net->nodes[k].segments[there] != n->segments[i])
				there++;
			*ret = (struct multicast_route){.interface = n->names[i],
			                                .next = net->nodes[k].ifaces[there].addr,
			                                .distance = 110,
			                                .metric = best};
		}
	}
	return best;
}

static inline bool
cast_leads(void *arg, size_t node, const char *vrf, uint32_t addr, struct multicast_route *ret)
{
	const struct cast_net *net = arg;

	(void)vrf;
	return cast_search(net, node, addr, 1u << node, ret) != CAST_NOT_FOUND;
}

static inline uint64_t
cast_version(void *arg)
{
	return ((const struct cast_net *)arg)->version;
}

static inline void
cast_told(void *arg, size_t node, const struct multicast_event *e)
{
	struct cast_net *net = arg;
	char a[ADDR_TEXT_MAX];

	text_printf(&net->log, "%d R%zu %s %s %s\n", (int)(net->now / 1000), node + 1, e->interface,
	            addr_text(e->neighbor, a),
	            e->kind == MULTICAST_DR ? "dr"
	            : e->up                 ? "up"
	                                    : "down");
}

/* Nodes 1 to n, which route multicast. */
static inline struct cast_net *
cast_net_new(size_t n)
{
	struct cast_net *net = x_alloc(sizeof(*net));
	const struct multicast_env env = {
	    .leads = cast_leads, .version = cast_version, .told = cast_told, .arg = net};

	net->m = multicast_new(&env);
	net->n = n;
	for (size_t k = 0; k < n; k++) {
		struct cast_node *node = &net->nodes[k];

		multicast_node_add(net->m);
		node->multicast = (struct policy_multicast){
		    .on = true, .rps = node->rps, .mroutes = node->mroutes};
		node->policy = (struct policy){.ip_routing = true,
		                               .interfaces = node->ifaces,
		                               .n_multicast = 1,
		                               .multicast = &node->multicast};
	}
	return net;
}

static inline void
cast_net_free(struct cast_net *net)
{
	multicast_free(net->m);
	text_fini(&net->log);
	free(net);
}

/* An interface with PIM; segment 0: a loopback. */
static inline struct policy_multicast_interface *
cast_iface(struct cast_net *net, size_t node, const char *name, uint32_t addr, uint32_t segment,
           enum pim_mode pim)
{
	struct cast_node *n = &net->nodes[node - 1];
	size_t k = n->policy.n_interfaces++;

	snprintf(n->names[k], sizeof(n->names[k]), "%s", name);
	n->casts[k] = (struct policy_multicast_interface){.pim = pim,
	                                                  .dr_priority = 1,
	                                                  .query_interval = 30,
	                                                  .igmp_version = 2,
	                                                  .joins = &n->joins[k]};
	n->ifaces[k] = (struct policy_interface){.name = n->names[k],
	                                         .has_address = true,
	                                         .addr = addr,
	                                         .len = segment ? 24 : 32,
	                                         .multicast = &n->casts[k]};
	n->segments[k] = segment;
	n->up[k] = true;
	return &n->casts[k];
}

static inline void
cast_rp(struct cast_net *net, size_t node, uint32_t addr)
{
	struct cast_node *n = &net->nodes[node - 1];

	n->rps[n->multicast.n_rps++] = (struct policy_pim_rp){.addr = addr};
}

static inline void
cast_run(struct cast_net *net, msec until)
{
	msec next = multicast_update(net->m, net->now);

	while (next <= until) {
		net->now = next;
		next = multicast_update(net->m, net->now);
	}
	net->now = until;
	multicast_update(net->m, until);
}

/* What a node is configured to do, or whether it is there, has changed. */
static inline void
cast_node(struct cast_net *net, size_t node)
{
	struct cast_node *n = &net->nodes[node - 1];

	multicast_node_power(net->m, node - 1, !n->off);
	multicast_node_policy(net->m, node - 1, &n->policy);
	for (size_t i = 0; i < n->policy.n_interfaces; i++)
		multicast_interface(net->m, node - 1, n->names[i], n->segments[i],
		                    n->up[i] && !n->off);
	net->version++;
}

static inline void
cast_line(struct cast_net *net, size_t node, const char *name, bool up)
{
	struct cast_node *n = &net->nodes[node - 1];

	for (size_t i = 0; i < n->policy.n_interfaces; i++)
		if (strcmp(n->names[i], name) == 0)
			n->up[i] = up;
	cast_node(net, node);
}

/* All on, and ten seconds later. */
static inline void
cast_start(struct cast_net *net)
{
	for (size_t k = 1; k <= net->n; k++)
		cast_node(net, k);
	cast_run(net, net->now + SECONDS(10));
}

/*
 * The way of a packet of a source: "R1 A>B C; R2 A>B": who takes it in where and passes it on by
 * what, in the order of the nodes. In `t`.
 */
static inline const char *
cast_tree(struct cast_net *net, uint32_t source, uint32_t group, struct text *t)
{
	struct multicast_way way;

	text_clear(t);
	for (size_t k = 0; k < net->n; k++) {
		if (net->nodes[k].off ||
		    !multicast_packet(net->m, k, NULL, source, group, net->now, &way))
			continue;
		text_printf(t, "%sR%zu %s>", t->n ? "; " : "", k + 1, way.in);
		for (size_t i = 0; i < way.n_out; i++)
			text_printf(t, "%s%s", i ? " " : "", way.out[i]);
	}
	return text_string(t);
}

#endif
