/* SPDX-License-Identifier: Apache-2.0 */
/* Who tells whom: processes of EIGRP and RIP, and their neighbours as each believes in them. */
#include "compiler/routing/vector_priv.h"

#include <stdlib.h>

const struct rt_vrf *
vector_vrf(const struct vector_proc *p)
{
	return p->vrf;
}

/* --- edges ------------------------------------------------------------------------------------ */

static void
edge_add(struct vector_net *net, struct rt_iface *out, const struct vector_if *x,
         struct rt_iface *in, const struct vector_if *y)
{
	x_grow(&net->edges, &net->edges_capacity, net->n_edges + 1, sizeof(*net->edges));
	net->edges[net->n_edges++] = (struct vector_edge){.from = (uint32_t)x->proc->index,
	                                                  .to = (uint32_t)y->proc->index,
	                                                  .out = out,
	                                                  .in = in,
	                                                  .x = x,
	                                                  .y = y};
}

/*
 * Who sees a neighbour is told by it. One that is off sees nobody any more, and whoever has not
 * noticed yet goes on with what it was told: with what that one had from others, too.
 */
static void
interface_edges(struct vector_net *net, struct rt_iface *i, const struct vector_if *x)
{
	for (size_t k = 0; k < i->n_views; k++) {
		const struct rt_view *v = &i->views[k];
		const struct vector_if *y;

		if (v->state != RT_FULL || v->protocol != x->proc->protocol ||
		    v->process != x->proc->process)
			continue;
		y = vector_if_match(v->peer, x);
		if (!y)
			continue;
		edge_add(net, v->peer, y, i, x);
		if (!v->peer->node->on && vector_agrees(v->peer, y, i, x))
			edge_add(net, i, x, v->peer, y);
	}
}

static int
edge_order(const void *a, const void *b)
{
	const struct vector_edge *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	if (x->out->addr != y->out->addr)
		return x->out->addr < y->out->addr ? -1 : 1;
	return x->in->addr < y->in->addr ? -1 : x->in->addr > y->in->addr;
}

static void
edges_index(struct vector_net *net)
{
	uint32_t at = 0;

	if (net->n_edges)
		qsort(net->edges, net->n_edges, sizeof(*net->edges), edge_order);
	net->incoming = x_alloc((net->n_edges + 1) * sizeof(*net->incoming));
	for (size_t k = 0; k < net->n_edges; k++) {
		struct vector_member *m = &net->members[net->edges[k].from];

		if (!m->n_out++)
			m->first_out = (uint32_t)k;
		net->members[net->edges[k].to].n_in++;
	}
	for (size_t k = 0; k < net->n_members; k++) {
		net->members[k].first_in = at;
		at += net->members[k].n_in;
		net->members[k].n_in = 0;
	}
	for (size_t k = 0; k < net->n_edges; k++) {
		struct vector_member *m = &net->members[net->edges[k].to];

		net->incoming[m->first_in + m->n_in++] = (uint32_t)k;
	}
}

/* --- all of it -------------------------------------------------------------------------------- */

static void
members_make(struct vector_net *net)
{
	const struct routing *r = net->routing;
	size_t n = 0;

	for (size_t k = 0; k < r->n_nodes; k++)
		n += r->nodes[k]->n_vectors;
	net->members = x_alloc((n + 1) * sizeof(*net->members));
	for (size_t k = 0; k < r->n_nodes; k++)
		for (size_t i = 0; i < r->nodes[k]->n_vectors; i++) {
			r->nodes[k]->vectors[i]->index = net->n_members;
			net->members[net->n_members++].proc = r->nodes[k]->vectors[i];
		}
}

struct vector_net *
vector_net_new(struct routing *r)
{
	struct vector_net *net = x_alloc(sizeof(*net));

	net->routing = r;
	members_make(net);
	for (size_t k = 0; net->n_members && k < r->n_nodes; k++)
		for (struct rt_iface *i = r->nodes[k]->ifaces; i; i = i->next)
			for (size_t x = 0; x < i->n_vectors; x++)
				interface_edges(net, i, &i->vectors[x]);
	edges_index(net);
	return net;
}

void
vector_net_free(struct vector_net *net)
{
	if (!net)
		return;
	for (size_t k = 0; k < net->n_members; k++) {
		free(net->members[k].inputs);
		free(net->members[k].summaries);
		free(net->members[k].routes);
		free(net->members[k].hops);
	}
	free(net->members);
	free(net->edges);
	free(net->incoming);
	free(net);
}

/* --- look-ups --------------------------------------------------------------------------------- */

const struct vector_route *
vector_route_find(const struct vector_member *m, struct prefix to)
{
	size_t low = 0, high = m->n_routes;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = rt_longest_first(m->routes[middle].to, to);

		if (order == 0)
			return &m->routes[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

struct vector_summary *
vector_summary_find(const struct vector_member *m, struct prefix to)
{
	for (size_t k = 0; k < m->n_summaries; k++)
		if (rt_longest_first(m->summaries[k].to, to) == 0)
			return &m->summaries[k];
	return NULL;
}
