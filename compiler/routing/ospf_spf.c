/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of shortest paths of an area: Dijkstra, with a heap (RFC 2328 16.1). */
#include "compiler/routing/ospf_priv.h"

#include <stdlib.h>
#include <string.h>

/* --- sets of next hops ------------------------------------------------------------------------ */

static bool
hop_before(struct routing_hop a, struct routing_hop b)
{
	if (a.via != b.via)
		return a.via < b.via;
	return a.interface != b.interface && strcmp(a.interface, b.interface) < 0;
}

void
ospf_hop_add(struct ospf_pool *pool, uint32_t first, uint8_t *n, struct routing_hop h, uint8_t max)
{
	struct routing_hop *set;
	uint8_t at = *n;

	x_grow(&pool->hops, &pool->capacity, first + (size_t)*n + 1, sizeof(*pool->hops));
	set = &pool->hops[first];
	for (uint8_t k = 0; k < *n; k++)
		if (set[k].via == h.via && set[k].interface == h.interface)
			return;
	while (at > 0 && hop_before(h, set[at - 1]))
		at--;
	if (at >= max)
		return;
	if (*n == max)
		--*n;
	memmove(&set[at + 1], &set[at], (*n - at) * sizeof(*set));
	set[at] = h;
	++*n;
	if (pool->n < first + (size_t)*n)
		pool->n = first + (size_t)*n;
}

/* --- the heap --------------------------------------------------------------------------------- */

/* Nearest first; of equals networks first, so that all equal paths to a router are known. */
static bool
place_before(const struct ospf_tree *t, uint32_t a, uint32_t b)
{
	if (t->places[a].dist != t->places[b].dist)
		return t->places[a].dist < t->places[b].dist;
	return !t->graph->vertices[a].proc && t->graph->vertices[b].proc;
}

static void
heap_put(struct ospf_tree *t, uint32_t vertex, uint32_t at)
{
	t->heap[at] = vertex;
	t->places[vertex].heap = at;
}

static void
heap_raise(struct ospf_tree *t, uint32_t vertex, uint32_t at)
{
	for (; at > 1 && place_before(t, vertex, t->heap[at / 2]); at /= 2)
		heap_put(t, t->heap[at / 2], at);
	heap_put(t, vertex, at);
}

static uint32_t
heap_take(struct ospf_tree *t, uint32_t *n)
{
	uint32_t top = t->heap[1], last = t->heap[(*n)--], at = 1, child;

	t->places[top].heap = 0;
	if (!*n)
		return top;
	while ((child = at * 2) <= *n) {
		if (child < *n && place_before(t, t->heap[child + 1], t->heap[child]))
			child++;
		if (!place_before(t, t->heap[child], last))
			break;
		heap_put(t, t->heap[child], at);
		at = child;
	}
	heap_put(t, last, at);
	return top;
}

/* --- the tree --------------------------------------------------------------------------------- */

/*
 * How packets for the end of the edge leave the root (RFC 2328 16.1.1): as for its beginning; from
 * the root itself, or from a network that the root is on, straight to the router.
 */
static void
hops_inherit(struct ospf_tree *t, struct ospf_pool *pool, const struct ospf_edge *e, uint8_t paths)
{
	const struct ospf_place *from = &t->places[e->from];
	struct ospf_place *to = &t->places[e->to];
	bool is_root = t->graph->vertices[e->from].proc == t->root;

	if (is_root) {
		struct routing_hop h = {e->in ? e->in->addr : 0, e->out->name};

		ospf_hop_add(pool, to->hops, &to->n_hops, h, paths);
		return;
	}
	for (uint8_t k = 0; k < from->n_hops; k++) {
		struct routing_hop h = pool->hops[from->hops + k];

		if (!h.via && e->in)
			h.via = e->in->addr;
		ospf_hop_add(pool, to->hops, &to->n_hops, h, paths);
	}
}

static void
relax_edge(struct ospf_tree *t, struct ospf_pool *pool, const struct ospf_edge *e, uint32_t *n,
           uint8_t paths)
{
	struct ospf_place *to = &t->places[e->to];
	uint32_t dist = t->places[e->from].dist + e->cost;

	if (to->done || dist > to->dist)
		return;
	if (dist < to->dist) {
		to->dist = dist;
		to->n_hops = 0;
		if (!to->heap) { /* once: room for all its hops */
			to->hops = (uint32_t)pool->n;
			x_grow(&pool->hops, &pool->capacity, pool->n + paths + 1,
			       sizeof(*pool->hops));
			pool->n += paths;
			heap_raise(t, e->to, ++*n);
		} else {
			heap_raise(t, e->to, to->heap);
		}
	}
	hops_inherit(t, pool, e, paths);
}

void
ospf_tree_make(struct ospf_tree *t, const struct ospf_graph *g, uint32_t root,
               struct ospf_pool *pool, uint8_t paths)
{
	uint32_t n = 0;

	*t = (struct ospf_tree){.graph = g, .root = g->vertices[root].proc};
	t->places = x_alloc(g->n_vertices * sizeof(*t->places));
	t->heap = x_alloc((g->n_vertices + 1) * sizeof(*t->heap));
	for (size_t i = 0; i < g->n_vertices; i++)
		t->places[i].dist = OSPF_INFINITY;
	t->places[root].dist = 0;
	heap_raise(t, root, ++n);
	while (n) {
		uint32_t v = heap_take(t, &n);
		const struct ospf_vertex *vertex = &g->vertices[v];

		t->places[v].done = true;
		for (uint32_t k = vertex->first; k < vertex->first + vertex->n; k++) {
			const struct ospf_edge *e = &g->edges[k];

			if (!e->dropper || e->dropper->island != t->root->island)
				relax_edge(t, pool, e, &n, paths);
		}
	}
}

void
ospf_tree_fini(struct ospf_tree *t)
{
	free(t->places);
	free(t->heap);
}
