/* SPDX-License-Identifier: Apache-2.0 */
/* Of what all protocols know about a prefix, the nearest by administrative distance. */
#include "compiler/routing/routing_priv.h"

#include <stdlib.h>
#include <string.h>

void
rt_rib_add(struct rt_rib *rib, const struct rt_route *route)
{
	x_grow(&rib->routes, &rib->capacity, rib->n + 1, sizeof(*rib->routes));
	rib->routes[rib->n++] = *route;
}

void
rt_rib_fini(struct rt_rib *rib)
{
	free(rib->routes);
	arena_free(rib->arena);
}

int
rt_prefix_order(struct prefix a, struct prefix b)
{
	if (a.addr != b.addr)
		return a.addr < b.addr ? -1 : 1;
	return a.len - b.len;
}

int
rt_longest_first(struct prefix a, struct prefix b)
{
	if (a.len != b.len)
		return b.len - a.len;
	return a.addr < b.addr ? -1 : a.addr > b.addr;
}

/* Of equal distances the process that comes first has it: that no two runs differ. */
static int
route_order(const void *x, const void *y)
{
	const struct rt_route *a = x, *b = y;
	int order = rt_prefix_order(a->to, b->to);

	if (order)
		return order;
	if (a->distance != b->distance)
		return a->distance - b->distance;
	if (a->source != b->source)
		return (int)a->source - (int)b->source;
	if (a->metric != b->metric)
		return a->metric < b->metric ? -1 : 1;
	return a->process < b->process ? -1 : a->process > b->process;
}

static void
rib_pick(struct rt_rib *rib)
{
	bool sorted = true;
	size_t kept = 0;

	for (size_t i = 1; i < rib->n && sorted; i++)
		sorted = route_order(&rib->routes[i - 1], &rib->routes[i]) <= 0;
	if (!sorted)
		qsort(rib->routes, rib->n, sizeof(*rib->routes), route_order);
	for (size_t i = 0; i < rib->n; i++)
		if (!kept || rt_prefix_order(rib->routes[kept - 1].to, rib->routes[i].to) != 0)
			rib->routes[kept++] = rib->routes[i];
	rib->n = kept;
}

const struct rt_route *
rt_rib_find(const struct rt_rib *rib, struct prefix to)
{
	size_t low = 0, high = rib->n;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = rt_prefix_order(rib->routes[middle].to, to);

		if (order == 0)
			return &rib->routes[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct rt_route *
rt_rib_lookup(const struct rt_rib *rib, uint32_t addr)
{
	for (int len = 32; len >= 0; len--) {
		struct prefix to = {addr & prefix_mask((uint8_t)len), (uint8_t)len};
		const struct rt_route *found = rt_rib_find(rib, to);

		if (found)
			return found;
	}
	return NULL;
}

/* --- connected and static --------------------------------------------------------------------- */

static void
connected_add(struct rt_rib *rib, const struct rt_vrf *vrf)
{
	for (const struct rt_iface *i = vrf->node->ifaces; i; i = i->next)
		if (i->vrf == vrf && i->up && i->addr)
			rt_rib_add(rib,
			           &(struct rt_route){.to = {i->addr & prefix_mask(i->len), i->len},
			                              .source = ROUTING_CONNECTED,
			                              .connected = i});
}

/* A static route counts while its way out is there: an up interface, or a route to its next hop. */
static bool
static_hop(const struct rt_rib *rib, const struct rt_vrf *vrf, const struct policy_route *r,
           struct routing_hop *ret)
{
	const struct rt_iface *i = r->interface ? rt_iface_find(vrf->node, r->interface) : NULL;

	if (r->interface && (!i || !i->up))
		return false;
	*ret = (struct routing_hop){r->via, i ? i->name : NULL};
	return i || rt_rib_lookup(rib, r->via);
}

static void
static_add(struct rt_rib *rib, const struct rt_vrf *vrf)
{
	const struct policy *p = vrf->node->policy;
	struct rt_rib before = *rib;

	for (size_t k = 0; p && k < p->n_routes; k++) {
		const struct policy_route *r = &p->routes[k];
		struct routing_hop hop;

		if (rt_vrf_find(vrf->node, r->vrf) != vrf)
			continue;
		before.routes = rib->routes;
		if (static_hop(&before, vrf, r, &hop))
			rt_rib_add(rib, &(struct rt_route){
					    .to = r->to,
					    .source = ROUTING_STATIC,
					    .distance = r->distance,
					    .tag = r->tag,
					    .n_hops = 1,
					    .hops = arena_memdup(rib->arena, &hop, sizeof(hop))});
	}
}

void
rt_rib_local(struct rt_vrf *vrf, struct rt_rib *ret)
{
	*ret = (struct rt_rib){.arena = arena_new()};
	connected_add(ret, vrf);
	rib_pick(ret);
	static_add(ret, vrf);
	rib_pick(ret);
}

void
rt_rib_make(struct rt_vrf *vrf, struct rt_rib *ret, bool all)
{
	struct routing *r = vrf->node->routing;

	*ret = (struct rt_rib){.arena = arena_new()};
	for (size_t k = 0; k < vrf->node->n_ospf; k++)
		if (vrf->node->ospf[k]->vrf == vrf)
			ospf_rib_add(r->ospf, vrf->node->ospf[k], ret);
	for (size_t k = 0; k < vrf->node->n_vectors; k++)
		if (vector_vrf(vrf->node->vectors[k]) == vrf)
			vector_rib_add(r->vectors, vrf->node->vectors[k], ret);
	for (size_t k = 0; k < vrf->node->n_bgp; k++)
		if (bgp_vrf(vrf->node->bgp[k]) == vrf)
			bgp_rib_add(r->bgp, vrf->node->bgp[k], ret);
	if (all) {
		connected_add(ret, vrf);
		rib_pick(ret);
		static_add(ret, vrf);
	}
	rib_pick(ret);
}

/* --- the table -------------------------------------------------------------------------------- */

static bool
same_hops(const struct routing_route *a, const struct routing_route *b)
{
	if (a->n_hops != b->n_hops)
		return false;
	for (uint8_t k = 0; k < a->n_hops; k++)
		if (a->hops[k].via != b->hops[k].via ||
		    a->hops[k].interface != b->hops[k].interface)
			return false;
	return true;
}

static bool
same_ways(const struct routing_route *a, const struct routing_route *b)
{
	if (!a->ways || !b->ways)
		return a->ways == b->ways;
	for (uint8_t k = 0; k < a->n_hops; k++) {
		const struct routing_way *x = &a->ways[k], *y = &b->ways[k];

		if (x->next_hop != y->next_hop || x->n_labels != y->n_labels ||
		    x->egress != y->egress || x->vrf != y->vrf ||
		    memcmp(x->labels, y->labels, x->n_labels * sizeof(*x->labels)) != 0)
			return false;
	}
	return true;
}

static bool
same_route(const struct routing_route *a, const struct routing_route *b)
{
	return rt_prefix_order(a->to, b->to) == 0 && a->kind == b->kind &&
	       a->process == b->process && a->metric == b->metric && a->distance == b->distance &&
	       a->tag == b->tag && a->from == b->from && same_hops(a, b) && same_ways(a, b);
}

/* A route that is as it was keeps its age. */
static bool
ages_keep(struct routing_route *routes, size_t n, const struct routing_table *old)
{
	bool same = n == old->n;
	size_t at = 0;

	for (size_t k = 0; k < n; k++) {
		while (at < old->n && rt_prefix_order(old->routes[at].to, routes[k].to) < 0)
			at++;
		if (at < old->n && same_route(&old->routes[at], &routes[k]))
			routes[k].since = old->routes[at].since;
		else
			same = false;
	}
	return same;
}

void
rt_table_make(struct rt_vrf *vrf)
{
	struct routing *r = vrf->node->routing;
	struct routing_route *routes;
	struct rt_rib rib;
	size_t n;
	bool same;

	rt_rib_make(vrf, &rib, false);
	routes = arena_alloc(rib.arena, (rib.n + 1) * sizeof(*routes));
	for (size_t k = 0; k < rib.n; k++) {
		const struct rt_route *from = &rib.routes[k];

		routes[k] = (struct routing_route){.to = from->to,
		                                   .kind = from->kind,
		                                   .distance = from->distance,
		                                   .process = from->process,
		                                   .metric = from->metric,
		                                   .tag = from->tag,
		                                   .from = from->from,
		                                   .since = r->touched,
		                                   .n_hops = from->n_hops,
		                                   .hops = from->hops};
	}
	n = rib.n;
	mpls_table_finish(vrf, &rib, routes, &n);
	same = ages_keep(routes, n, &vrf->table);
	if (!same)
		vrf->table.version = ++r->version;
	vrf->table.n = n;
	vrf->table.routes = routes;
	vrf->made = r->generation;
	arena_free(vrf->arena);
	vrf->arena = rib.arena;
	rib.arena = NULL;
	rt_rib_fini(&rib);
}
