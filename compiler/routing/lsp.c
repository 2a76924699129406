/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where labels lead. A path is found as packets would go: the route to a prefix, hop by hop, each
 * with the label that the next router has told for just that prefix (RFC 3031 3.14). It ends at the
 * router before the one that the prefix is connected to (3.16), which must own the address that is
 * asked for: it alone knows what is below.
 */
#include "compiler/routing/mpls_priv.h"

#include <string.h>

#define HOPS_MAX 64

/* Where a route of the global table leaves. */
static size_t
ways_out(struct rt_vrf *global, const struct rt_route *r, uint32_t to,
         struct mpls_way ret[ROUTING_PATHS_MAX])
{
	size_t n = 0;

	if (r->connected) {
		ret[0] = (struct mpls_way){r->connected->name, to, MPLS_NO_LABEL};
		return 1;
	}
	for (uint8_t k = 0; k < r->n_hops && n < ROUTING_PATHS_MAX; k++) {
		const struct routing_hop *h = &r->hops[k];
		uint32_t via = h->via ? h->via : to;
		const struct rt_iface *out =
		    h->interface ? rt_iface_find(global->node, h->interface)
				 : rt_way_out(global, h->via, &via);

		if (out)
			ret[n++] = (struct mpls_way){out->name, via, MPLS_NO_LABEL};
	}
	return n;
}

static struct rt_node *
next_router(const struct rt_vrf *global, const struct mpls_way *way)
{
	const struct rt_iface *out = rt_iface_find(global->node, way->interface);

	return out ? ldp_neighbor_at(out, way->via) : NULL;
}

/* With labels, for a prefix of the global table. */
static size_t
ways_label(struct rt_vrf *global, const struct rt_route *r, uint32_t to,
           struct mpls_way ret[ROUTING_PATHS_MAX])
{
	size_t n = ways_out(global, r, to, ret);

	for (size_t k = 0; k < n; k++) {
		struct rt_node *next = next_router(global, &ret[k]);

		if (next)
			ret[k].label = ldp_binding(next, r->to);
	}
	return n;
}

/* Who pops what goes by this way to the owner of the address; NULL: no path of labels leads there.
 */
static struct rt_node *
path_end(struct rt_vrf *global, struct mpls_way way, struct prefix prefix, uint32_t to)
{
	struct rt_vrf *at = global;

	for (int hop = 0; hop < HOPS_MAX; hop++) {
		struct rt_node *next = next_router(at, &way);
		struct mpls_way ways[ROUTING_PATHS_MAX];
		const struct rt_route *r;
		uint32_t label = next ? ldp_binding(next, prefix) : MPLS_NO_LABEL;

		if (label == MPLS_NO_LABEL)
			return NULL;
		at = next->vrfs;
		if (label == MPLS_IMPLICIT_NULL)
			return rt_owns(at, to) ? next : NULL;
		r = rt_rib_find(rt_rib_get(at), prefix);
		if (!r || !ways_out(at, r, to, ways))
			return NULL;
		way = ways[0];
	}
	return NULL;
}

/* As lsp_find; ends: who is there, by way. */
static size_t
paths_find(struct rt_vrf *global, uint32_t to, struct mpls_way ret[ROUTING_PATHS_MAX],
           struct rt_node *ends[ROUTING_PATHS_MAX])
{
	const struct rt_route *r =
	    global->node->mpls ? rt_rib_lookup(rt_rib_get(global), to) : NULL;
	size_t n = 0, all = r ? ways_label(global, r, to, ret) : 0;

	for (size_t k = 0; k < all; k++) {
		struct rt_node *end = path_end(global, ret[k], r->to, to);

		if (!end)
			continue;
		ends[n] = end;
		ret[n++] = ret[k];
	}
	return n;
}

size_t
lsp_find(struct rt_vrf *global, uint32_t to, struct mpls_way ret[ROUTING_PATHS_MAX])
{
	struct rt_node *ends[ROUTING_PATHS_MAX];

	return paths_find(global, to, ret, ends);
}

struct rt_vrf *
mpls_cross(struct rt_vrf *from, uint32_t edge, uint32_t label)
{
	struct mpls_way ways[ROUTING_PATHS_MAX];
	struct rt_node *ends[ROUTING_PATHS_MAX];
	const struct mpls_fec *fec;

	if (!paths_find(from->node->vrfs, edge, ways, ends))
		return NULL;
	fec = mpls_fec_find(ends[0], label);
	return fec && fec->vrf->name && bgp_vrf_exports(fec->vrf, fec->to) ? fec->vrf : NULL;
}

/* --- what a router does with a label ---------------------------------------------------------- */

static bool
vrf_entry(const struct mpls_fec *fec, struct mpls_entry *ret)
{
	const struct rt_route *r = rt_rib_find(rt_rib_get(fec->vrf), fec->to);

	ret->vrf = fec->vrf->name;
	ret->connected = !r || r->connected || !r->n_hops;
	if (!bgp_vrf_exports(fec->vrf, fec->to))
		return false;
	if (!ret->connected)
		ret->n = ways_out(fec->vrf, r, fec->to.addr, ret->ways);
	return true;
}

bool
mpls_entry_make(struct rt_node *n, uint32_t label, struct mpls_entry *ret)
{
	const struct mpls_fec *fec = mpls_fec_find(n, label);
	const struct rt_route *r;

	if (!fec || !rt_alive(n))
		return false;
	*ret = (struct mpls_entry){.label = label, .to = fec->to};
	if (fec->vrf->name)
		return vrf_entry(fec, ret);
	r = n->mpls ? rt_rib_find(rt_rib_get(n->vrfs), fec->to) : NULL;
	if (!r || r->connected || r->source == ROUTING_BGP)
		return false;
	ret->n = ways_label(n->vrfs, r, fec->to.addr, ret->ways);
	return ret->n > 0;
}

bool
routing_label_find(struct routing *r, size_t node, uint32_t label, struct mpls_entry *ret)
{
	rt_solve(r);
	return mpls_entry_make(r->nodes[node], label, ret);
}

bool
routing_label_taken(const struct routing *r, size_t node, const char *interface)
{
	const struct rt_iface *i =
	    r->nodes[node]->mpls ? rt_iface_find(r->nodes[node], interface) : NULL;

	return i && i->mpls;
}

/* --- a table's routes ------------------------------------------------------------------------- */

/* Labels that LDP has told for what the global table knows. */
static void
labels_put(struct rt_vrf *global, const struct rt_route *from, struct routing_route *route,
           struct arena *a)
{
	struct routing_way *ways = NULL;

	if (from->source == ROUTING_BGP)
		return;
	for (uint8_t k = 0; k < from->n_hops; k++) {
		const struct routing_hop *h = &from->hops[k];
		struct rt_node *next =
		    h->interface && h->via
			? next_router(global, &(struct mpls_way){h->interface, h->via, 0})
			: NULL;
		uint32_t label = next ? ldp_binding(next, from->to) : MPLS_NO_LABEL;

		if (label < MPLS_FIRST || label == MPLS_NO_LABEL)
			continue;
		if (!ways)
			ways = arena_alloc(a, from->n_hops * sizeof(*ways));
		ways[k].n_labels = 1;
		ways[k].labels[0] = label;
	}
	route->ways = ways;
}

struct finished {
	struct routing_hop hops[ROUTING_PATHS_MAX];
	struct routing_way ways[ROUTING_PATHS_MAX];
	uint8_t n;
};

/* All labelled paths to the edge that told it. */
static void
edge_put(struct rt_vrf *vrf, const struct rt_vpn *vpn, uint32_t edge, struct finished *f)
{
	struct mpls_way ways[ROUTING_PATHS_MAX];
	struct rt_node *ends[ROUTING_PATHS_MAX];
	size_t n = paths_find(vrf->node->vrfs, edge, ways, ends);

	for (size_t k = 0; k < n && f->n < ROUTING_PATHS_MAX; k++) {
		const struct mpls_fec *fec = mpls_fec_find(ends[k], vpn->label);
		struct routing_way *way = &f->ways[f->n];

		f->hops[f->n++] = (struct routing_hop){ways[k].via, ways[k].interface};
		*way = (struct routing_way){.next_hop = edge,
		                            .egress = ends[k]->number + 1,
		                            .vrf = fec ? fec->vrf->name : NULL};
		if (ways[k].label != MPLS_IMPLICIT_NULL)
			way->labels[way->n_labels++] = ways[k].label;
		way->labels[way->n_labels++] = vpn->label;
	}
}

/* Where another VRF of the node has it. */
static void
leak_put(const struct rt_route *from, struct rt_vrf *vrf, struct finished *f)
{
	const struct rt_route *r = rt_rib_find(rt_rib_get(vrf), from->to);
	struct mpls_way ways[ROUTING_PATHS_MAX];

	if (!r || r->vpn || !ways_out(vrf, r, 0, ways))
		return;
	f->hops[f->n] = (struct routing_hop){ways[0].via, ways[0].interface};
	f->ways[f->n++] = (struct routing_way){.vrf = vrf->name};
}

/* Where a route that a VRF imports leads. False: nowhere. */
static bool
vpn_put(struct rt_vrf *vrf, const struct rt_route *from, struct routing_route *route,
        struct arena *a)
{
	struct finished f = {.n = 0};

	for (uint8_t k = 0; k < from->n_hops && f.n < ROUTING_PATHS_MAX; k++) {
		const struct rt_vpn *vpn = &from->vpn[k];

		if (vpn->label)
			edge_put(vrf, vpn, from->hops[k].via, &f);
		else
			leak_put(from, vpn->from, &f);
	}
	route->n_hops = f.n;
	route->hops = arena_memdup(a, f.hops, f.n * sizeof(*f.hops));
	route->ways = arena_memdup(a, f.ways, f.n * sizeof(*f.ways));
	return f.n;
}

void
mpls_table_finish(struct rt_vrf *vrf, const struct rt_rib *rib, struct routing_route *routes,
                  size_t *n)
{
	size_t kept = 0;

	if (!vrf->node->mpls && !bgp_has_vpns(vrf->node->routing->bgp))
		return;
	for (size_t k = 0; k < *n; k++) {
		const struct rt_route *from = &rib->routes[k];
		struct routing_route route = routes[k];

		if (from->vpn && !vpn_put(vrf, from, &route, rib->arena))
			continue;
		if (!vrf->name && vrf->node->mpls)
			labels_put(vrf, from, &route, rib->arena);
		routes[kept++] = route;
	}
	*n = kept;
}
