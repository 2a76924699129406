/* SPDX-License-Identifier: Apache-2.0 */
/* What EIGRP and RIP know, copied for shows. */
#include "compiler/routing/vector.h"
#include "compiler/routing/vector_priv.h"

#include <stdlib.h>

static int
address_order(struct prefix a, struct prefix b)
{
	if (a.addr != b.addr)
		return a.addr < b.addr ? -1 : 1;
	return a.len - b.len;
}

/* --- interfaces and neighbours ---------------------------------------------------------------- */

static const struct vector_if *
part_of(const struct rt_iface *i, const struct vector_proc *p)
{
	for (size_t k = 0; k < i->n_vectors; k++)
		if (i->vectors[k].proc == p)
			return &i->vectors[k];
	return NULL;
}

static bool
is_neighbor(const struct rt_view *v, const struct vector_proc *p)
{
	return v->protocol == p->protocol && v->process == p->process && v->state == RT_FULL;
}

static size_t
neighbors_at(const struct rt_iface *i, const struct vector_proc *p)
{
	size_t n = 0;

	for (size_t k = 0; k < i->n_views; k++)
		n += is_neighbor(&i->views[k], p);
	return n;
}

static struct eigrp_neighbor
neighbor_of(const struct rt_iface *i, const struct rt_view *v, const struct vector_if *x)
{
	const struct vector_if *y = vector_if_match(v->peer, x);

	return (struct eigrp_neighbor){.addr = v->peer->addr,
	                               .router_id = y ? y->proc->router_id : 0,
	                               .interface = i->name,
	                               .since = v->since,
	                               .hello = v->hello,
	                               .hold = v->dead,
	                               .until = v->lost ? v->due : MSEC_NEVER};
}

static struct eigrp_interface
interface_of(const struct rt_iface *i, const struct vector_if *x)
{
	return (struct eigrp_interface){.name = i->name,
	                                .addr = i->addr,
	                                .len = i->len,
	                                .up = i->up,
	                                .passive = x->passive,
	                                .split_horizon = x->split_horizon,
	                                .hello = x->hello,
	                                .hold = x->dead,
	                                .bandwidth = x->bandwidth,
	                                .delay = x->delay,
	                                .n_neighbors = neighbors_at(i, x->proc)};
}

static void
eigrp_links(const struct vector_proc *p, struct arena *a, struct eigrp_shown *ret)
{
	struct eigrp_interface *interfaces;
	struct eigrp_neighbor *neighbors;
	size_t n_interfaces = 0, n_neighbors = 0;

	for (const struct rt_iface *i = p->node->ifaces; i; i = i->next) {
		n_interfaces++;
		n_neighbors += neighbors_at(i, p);
	}
	interfaces = arena_alloc(a, (n_interfaces + 1) * sizeof(*interfaces));
	neighbors = arena_alloc(a, (n_neighbors + 1) * sizeof(*neighbors));
	for (const struct rt_iface *i = p->node->ifaces; i; i = i->next) {
		const struct vector_if *x = part_of(i, p);

		if (!x)
			continue;
		interfaces[ret->n_interfaces++] = interface_of(i, x);
		for (size_t k = 0; k < i->n_views; k++)
			if (is_neighbor(&i->views[k], p))
				neighbors[ret->n_neighbors++] = neighbor_of(i, &i->views[k], x);
	}
	ret->interfaces = interfaces;
	ret->neighbors = neighbors;
}

/* --- the topology table ----------------------------------------------------------------------- */

static struct eigrp_path
path_of(const struct vector_route *r)
{
	return (struct eigrp_path){.cost = r->cost,
	                           .external = r->external,
	                           .bandwidth = r->metric.bandwidth,
	                           .delay = r->metric.delay,
	                           .mtu = r->metric.mtu,
	                           .reliability = r->metric.reliability,
	                           .load = r->metric.load,
	                           .hops = r->metric.hops};
}

static enum eigrp_way
way_of(enum vector_from from)
{
	switch (from) {
	case VECTOR_LEARNED:
		return EIGRP_LEARNED;
	case VECTOR_CONNECTED:
		return EIGRP_CONNECTED;
	case VECTOR_SUMMARY:
		return EIGRP_SUMMARY;
	default:
		return EIGRP_REDISTRIBUTED;
	}
}

static bool
is_successor(const struct vector_proc *p, const struct vector_route *r,
             const struct vector_path *path, bool feasible)
{
	uint64_t variance = p->eigrp->variance ? p->eigrp->variance : 1;

	return r->from == VECTOR_LEARNED && feasible && path->offer.cost <= r->cost * variance;
}

static struct eigrp_entry
entry_of(const struct vector_net *net, const struct vector_member *m, const struct vector_route *r,
         struct arena *a)
{
	struct vector_path *ways = arena_alloc(a, (m->n_in + 1) * sizeof(*ways));
	size_t n = vector_paths(net, m, r, true, ways, m->n_in);
	struct eigrp_path *paths = arena_alloc(a, (n + 1) * sizeof(*paths));
	struct eigrp_entry e = {.to = r->to,
	                        .distance = r->cost,
	                        .tag = r->tag,
	                        .origin = r->origin,
	                        .external = r->external};

	if (r->from != VECTOR_LEARNED) {
		paths[e.n_paths] = path_of(r);
		paths[e.n_paths].way = way_of(r->from);
		paths[e.n_paths++].successor = true;
		e.n_successors++;
	}
	for (size_t k = 0; k < n; k++) {
		struct eigrp_path *to = &paths[e.n_paths++];

		*to = path_of(&ways[k].offer);
		to->via = ways[k].hop.via;
		to->interface = ways[k].hop.interface;
		to->reported = ways[k].reported;
		to->feasible = ways[k].reported < r->cost && to->external == r->external;
		to->successor = is_successor(m->proc, r, &ways[k], to->feasible) &&
		                e.n_successors < vector_paths_max(m->proc);
		e.n_successors += to->successor;
	}
	e.paths = paths;
	return e;
}

static int
entry_order(const void *x, const void *y)
{
	const struct eigrp_entry *a = x, *b = y;

	return address_order(a->to, b->to);
}

static struct eigrp_shown
eigrp_of(const struct vector_net *net, const struct vector_proc *p, struct arena *a)
{
	const struct vector_member *m = &net->members[p->index];
	struct eigrp_entry *entries = arena_alloc(a, (m->n_routes + 1) * sizeof(*entries));
	struct eigrp_shown ret = {.as = p->process,
	                          .router_id = p->router_id,
	                          .conf = p->eigrp,
	                          .n_entries = m->n_routes,
	                          .entries = entries};

	for (size_t k = 0; k < m->n_routes; k++)
		entries[k] = entry_of(net, m, &m->routes[k], a);
	qsort(entries, m->n_routes, sizeof(*entries), entry_order);
	eigrp_links(p, a, &ret);
	return ret;
}

size_t
routing_eigrp_show(struct routing *r, size_t node, const char *vrf, struct arena *a,
                   const struct eigrp_shown **ret)
{
	const struct rt_node *n = r->nodes[node];
	const struct rt_vrf *in = rt_vrf_find(n, vrf);
	struct eigrp_shown *shown = arena_alloc(a, (n->n_vectors + 1) * sizeof(*shown));
	size_t count = 0;

	rt_solve(r);
	for (size_t k = 0; in && k < n->n_vectors; k++)
		if (n->vectors[k]->vrf == in && n->vectors[k]->protocol == RT_EIGRP)
			shown[count++] = eigrp_of(r->vectors, n->vectors[k], a);
	*ret = shown;
	return count;
}

/* --- RIP -------------------------------------------------------------------------------------- */

static void
rip_links(const struct vector_proc *p, struct arena *a, struct rip_shown *ret)
{
	struct rip_interface *interfaces;
	struct rip_gateway *gateways;
	size_t n_interfaces = 0, n_gateways = 0;

	for (const struct rt_iface *i = p->node->ifaces; i; i = i->next) {
		n_interfaces++;
		n_gateways += neighbors_at(i, p);
	}
	interfaces = arena_alloc(a, (n_interfaces + 1) * sizeof(*interfaces));
	gateways = arena_alloc(a, (n_gateways + 1) * sizeof(*gateways));
	for (const struct rt_iface *i = p->node->ifaces; i; i = i->next) {
		const struct vector_if *x = part_of(i, p);

		if (!x)
			continue;
		interfaces[ret->n_interfaces++] =
		    (struct rip_interface){.name = i->name, .up = i->up, .passive = x->passive};
		for (size_t k = 0; k < i->n_views; k++)
			if (is_neighbor(&i->views[k], p))
				gateways[ret->n_gateways++] = (struct rip_gateway){
				    .addr = i->views[k].peer->addr,
				    .interface = i->name,
				    .since = i->views[k].since,
				    .until = i->views[k].lost ? i->views[k].due : MSEC_NEVER};
	}
	ret->interfaces = interfaces;
	ret->gateways = gateways;
}

static int
rip_entry_order(const void *x, const void *y)
{
	const struct rip_entry *a = x, *b = y;

	return address_order(a->to, b->to);
}

static struct rip_shown
rip_of(const struct vector_net *net, const struct vector_proc *p, struct arena *a)
{
	const struct vector_member *m = &net->members[p->index];
	struct rip_entry *entries = arena_alloc(a, (m->n_routes + 1) * sizeof(*entries));
	struct rip_shown ret = {.conf = p->rip, .n_entries = m->n_routes, .entries = entries};

	for (size_t k = 0; k < m->n_routes; k++) {
		const struct vector_route *r = &m->routes[k];

		entries[k] =
		    (struct rip_entry){.to = r->to,
		                       .hops = r->cost,
		                       .connected = r->from == VECTOR_CONNECTED,
		                       .learned = r->from == VECTOR_LEARNED,
		                       .n_hops = r->n_hops,
		                       .via = arena_memdup(a, r->n_hops ? &m->hops[r->hops] : NULL,
		                                           r->n_hops * sizeof(*m->hops))};
	}
	qsort(entries, m->n_routes, sizeof(*entries), rip_entry_order);
	rip_links(p, a, &ret);
	return ret;
}

struct rip_shown
routing_rip_show(struct routing *r, size_t node, const char *vrf, struct arena *a)
{
	const struct rt_node *n = r->nodes[node];
	const struct rt_vrf *in = rt_vrf_find(n, vrf);

	rt_solve(r);
	for (size_t k = 0; in && k < n->n_vectors; k++)
		if (n->vectors[k]->vrf == in && n->vectors[k]->protocol == RT_RIP)
			return rip_of(r->vectors, n->vectors[k], a);
	return (struct rip_shown){.conf = NULL};
}
