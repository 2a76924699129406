/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The link state databases (RFC 2328 12.4): for each area its routers and transit networks, the
 * links between them, and the stub networks they have.
 *
 * While one of two neighbours still believes in the other, the link is in the graph with the name
 * of who gave it up. Who hears of that one (is on the same island, joined by links that both ends
 * see) does not use it: the database says so. All others go on as before.
 */
#include "compiler/routing/ospf_priv.h"

#include <stdlib.h>

#define LOOPBACK_COST 1 /* of a loopback's host route, as IOS */

/* --- areas and vertices ----------------------------------------------------------------------- */

static struct ospf_graph *
graph_get(struct ospf_net *net, uint32_t area)
{
	struct ospf_graph *g;

	for (size_t i = 0; i < net->n_graphs; i++)
		if (net->graphs[i]->area == area)
			return net->graphs[i];
	g = x_alloc(sizeof(*g));
	g->area = area;
	x_grow(&net->graphs, &net->graphs_capacity, net->n_graphs + 1, sizeof(struct ospf_graph *));
	net->graphs[net->n_graphs++] = g;
	return g;
}

void
ospf_graph_free(struct ospf_graph *g)
{
	free(g->vertices);
	free(g->edges);
	free(g->stubs);
	free(g);
}

static uint32_t
vertex_add(struct ospf_graph *g, struct ospf_proc *proc, const struct rt_iface *network)
{
	x_grow(&g->vertices, &g->vertices_capacity, g->n_vertices + 1, sizeof(*g->vertices));
	g->vertices[g->n_vertices] = (struct ospf_vertex){.proc = proc, .network = network};
	return (uint32_t)g->n_vertices++;
}

static struct ospf_attachment *
attachment_find(const struct ospf_member *m, uint32_t area)
{
	for (size_t i = 0; i < m->n_areas; i++)
		if (m->areas[i].graph->area == area)
			return &m->areas[i];
	return NULL;
}

/* The interface's database, and its router in it. */
static struct ospf_attachment *
attachment_of(const struct ospf_net *net, const struct rt_iface *i)
{
	return attachment_find(&net->members[i->ospf.proc->index], i->ospf.area);
}

static void
attach_interface(struct ospf_net *net, const struct rt_iface *i)
{
	struct ospf_proc *p = i->ospf.proc;
	struct ospf_member *m = &net->members[p->index];
	const struct policy_ospf_area *conf = ospf_area_find(p, i->ospf.area);
	struct ospf_attachment *a = attachment_find(m, i->ospf.area);
	struct ospf_graph *g;

	if (!a) {
		g = graph_get(net, i->ospf.area);
		m->areas = x_realloc(m->areas, (m->n_areas + 1) * sizeof(*m->areas));
		a = &m->areas[m->n_areas++];
		*a = (struct ospf_attachment){
		    .graph = g,
		    .vertex = vertex_add(g, p, NULL),
		    .stub = conf && conf->stub,
		    .nssa = conf && conf->nssa,
		    .no_summary = conf && conf->no_summary,
		    .default_cost = conf && conf->default_cost ? conf->default_cost : 1,
		    .conf = conf};
	}
	a->active = a->active || i->up;
}

/* --- links ------------------------------------------------------------------------------------ */

static void
edge_add(struct ospf_graph *g, struct ospf_edge e)
{
	x_grow(&g->edges, &g->edges_capacity, g->n_edges + 1, sizeof(*g->edges));
	g->edges[g->n_edges++] = e;
}

static void
stub_add(struct ospf_graph *g, uint32_t vertex, uint32_t addr, uint8_t len, uint32_t cost)
{
	x_grow(&g->stubs, &g->stubs_capacity, g->n_stubs + 1, sizeof(*g->stubs));
	g->stubs[g->n_stubs++] = (struct ospf_stub){{addr & prefix_mask(len), len}, vertex, cost};
}

static bool
sees_fully(const struct rt_iface *i, const struct rt_iface *peer)
{
	const struct rt_view *v = rt_view_find(i, peer, RT_OSPF, 0);

	return v && v->state == RT_FULL;
}

static bool
is_broadcast(const struct rt_iface *i)
{
	return i->ospf.network == OSPF_BROADCAST || i->ospf.network == OSPF_NBMA;
}

static void
join_islands(struct ospf_net *net, const struct ospf_proc *a, const struct ospf_proc *b)
{
	uint32_t from = a->island, to = b->island;

	if (from == to)
		return;
	while (net->members[from].proc->island != from)
		from = net->members[from].proc->island;
	while (net->members[to].proc->island != to)
		to = net->members[to].proc->island;
	net->members[from].proc->island = to;
}

/* Both directions between routers; `i` sees `peer` fully. */
static void
link_routers(struct ospf_net *net, struct rt_iface *i, struct rt_iface *peer)
{
	struct ospf_attachment *a = attachment_of(net, i), *b = attachment_of(net, peer);
	bool both = sees_fully(peer, i);
	struct ospf_edge e;

	if (!a || !b || a->graph != b->graph || is_broadcast(peer))
		return;
	e = (struct ospf_edge){.from = a->vertex,
	                       .to = b->vertex,
	                       .cost = i->ospf.cost,
	                       .out = i,
	                       .in = peer,
	                       .dropper = both ? NULL : peer->ospf.proc};
	edge_add(a->graph, e);
	if (both) {
		join_islands(net, i->ospf.proc, peer->ospf.proc);
		return;
	}
	e = (struct ospf_edge){.from = b->vertex,
	                       .to = a->vertex,
	                       .cost = peer->ospf.cost,
	                       .out = peer,
	                       .in = i,
	                       .dropper = peer->ospf.proc};
	edge_add(a->graph, e);
}

/* The vertex of a transit network, by its designated router's interface; made when it is new. */
static uint32_t
network_get(const struct ospf_net *net, struct ospf_graph *g, struct rt_iface *dr)
{
	const struct ospf_attachment *a = attachment_of(net, dr);
	const struct ospf_proc *dropper = dr->ospf.dr == dr ? NULL : dr->ospf.proc;
	uint32_t v = dr->ospf.vertex;

	if (v != OSPF_NONE)
		return v;
	v = dr->ospf.vertex = vertex_add(g, NULL, dr);
	edge_add(
	    g,
	    (struct ospf_edge){
		.from = a->vertex, .to = v, .cost = dr->ospf.cost, .out = dr, .dropper = dropper});
	edge_add(g, (struct ospf_edge){.from = v, .to = a->vertex, .in = dr, .dropper = dropper});
	return v;
}

static void
link_network(struct ospf_net *net, struct rt_iface *i, struct rt_iface *dr,
             const struct ospf_proc *dropper)
{
	struct ospf_attachment *a = attachment_of(net, i), *b = attachment_of(net, dr);
	uint32_t v;

	if (!a || !b || a->graph != b->graph || !is_broadcast(dr))
		return;
	v = network_get(net, a->graph, dr);
	edge_add(
	    a->graph,
	    (struct ospf_edge){
		.from = a->vertex, .to = v, .cost = i->ospf.cost, .out = i, .dropper = dropper});
	edge_add(a->graph,
	         (struct ospf_edge){.from = v, .to = a->vertex, .in = i, .dropper = dropper});
	if (!dropper)
		join_islands(net, i->ospf.proc, dr->ospf.proc);
}

/* Its own part of a broadcast link; true: the link is a transit network to it. */
static bool
link_broadcast(struct ospf_net *net, struct rt_iface *i)
{
	struct rt_iface *dr = i->ospf.dr;
	bool transit = false;

	if (dr && dr != i && dr->ospf.proc && sees_fully(i, dr)) {
		bool both = sees_fully(dr, i) && dr->ospf.dr == dr;

		link_network(net, i, dr, both ? NULL : dr->ospf.proc);
		return true;
	}
	for (size_t k = 0; dr == i && k < i->n_views; k++) {
		struct rt_iface *peer = i->views[k].peer;

		if (i->views[k].protocol != RT_OSPF || i->views[k].state != RT_FULL ||
		    !peer->ospf.proc)
			continue;
		transit = true;
		if (!sees_fully(peer, i) || peer->ospf.dr != i)
			link_network(net, peer, i, peer->ospf.proc);
	}
	return transit;
}

static void
link_points(struct ospf_net *net, struct rt_iface *i)
{
	for (size_t k = 0; k < i->n_views; k++)
		if (i->views[k].protocol == RT_OSPF && i->views[k].state == RT_FULL &&
		    i->views[k].peer->ospf.proc)
			link_routers(net, i, i->views[k].peer);
}

/* RFC 2328 12.4.1: the links that a router tells for an interface. */
static void
interface_links(struct ospf_net *net, struct rt_iface *i)
{
	const struct ospf_attachment *a = attachment_of(net, i);
	const struct ospf_if *o = &i->ospf;

	if (o->loopback) {
		stub_add(a->graph, a->vertex, i->addr, 32, LOOPBACK_COST);
	} else if (is_broadcast(i)) {
		if (!link_broadcast(net, i))
			stub_add(a->graph, a->vertex, i->addr, i->len, o->cost);
	} else {
		link_points(net, i);
		if (o->network == OSPF_POINT_TO_MULTIPOINT)
			stub_add(a->graph, a->vertex, i->addr, 32, 0);
		else
			stub_add(a->graph, a->vertex, i->addr, i->len, o->cost);
	}
}

/* --- order ------------------------------------------------------------------------------------ */

static int
stub_order(const void *x, const void *y)
{
	const struct ospf_stub *a = x, *b = y;

	if (a->to.addr != b->to.addr)
		return a->to.addr < b->to.addr ? -1 : 1;
	if (a->to.len != b->to.len)
		return a->to.len < b->to.len ? -1 : 1;
	return a->vertex < b->vertex ? -1 : a->vertex > b->vertex;
}

/* Edges by the vertex they leave; of one vertex in the order they were added. */
static void
edges_sort(struct ospf_graph *g)
{
	struct ospf_edge *sorted = x_alloc((g->n_edges + 1) * sizeof(*sorted));
	uint32_t at = 0;

	for (size_t i = 0; i < g->n_edges; i++)
		g->vertices[g->edges[i].from].n++;
	for (size_t v = 0; v < g->n_vertices; v++) {
		g->vertices[v].first = at;
		at += g->vertices[v].n;
		g->vertices[v].n = 0;
	}
	for (size_t i = 0; i < g->n_edges; i++) {
		struct ospf_vertex *v = &g->vertices[g->edges[i].from];

		sorted[v->first + v->n++] = g->edges[i];
	}
	free(g->edges);
	g->edges = sorted;
	g->edges_capacity = g->n_edges + 1;
}

static void
graph_finish(struct ospf_graph *g)
{
	for (size_t v = 0; v < g->n_vertices; v++) {
		const struct rt_iface *dr = g->vertices[v].network;

		if (dr)
			stub_add(g, (uint32_t)v, dr->addr, dr->len, 0);
	}
	if (g->n_stubs)
		qsort(g->stubs, g->n_stubs, sizeof(*g->stubs), stub_order);
	edges_sort(g);
}

/* NOLINTBEGIN(bugprone-macro-parentheses): a name that is declared has none. */
#define EACH_INTERFACE(net, i)                                                                     \
	for (size_t node_ = 0; node_ < (net)->routing->n_nodes; node_++)                           \
		for (struct rt_iface *i = (net)->routing->nodes[node_]->ifaces; i; i = i->next)    \
			if (i->ospf.proc)
/* NOLINTEND(bugprone-macro-parentheses) */

void
ospf_graphs_make(struct ospf_net *net)
{
	EACH_INTERFACE(net, i)
	{
		attach_interface(net, i);
		i->ospf.vertex = OSPF_NONE;
	}
	EACH_INTERFACE(net, i)
	{
		if (i->up)
			interface_links(net, i);
	}
	for (size_t k = 0; k < net->n_graphs; k++)
		graph_finish(net->graphs[k]);
	for (size_t k = 0; k < net->n_members; k++) {
		struct ospf_proc *p = net->members[k].proc;

		while (net->members[p->island].proc->island != p->island)
			p->island = net->members[p->island].proc->island;
	}
}
