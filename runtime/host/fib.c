/* SPDX-License-Identifier: Apache-2.0 */
/* Longest-prefix matching: see fib.h. */
#include "runtime/host/fib.h"

#include <stdlib.h>
#include <string.h>

struct fib_node {
	uint32_t child[2]; /* index; 0: none (the root is nobody's child) */
	uint32_t route;    /* index + 1 of the installed route; 0: none */
};

struct fib {
	struct fib_route *candidates; /* sorted by prefix, then distance, then as given */
	size_t n_candidates;
	struct fib_route *routes; /* installed, sorted by prefix */
	size_t n_routes;
	uint32_t *paths; /* of the candidate that was installed: so many from it on share */
	struct fib_node *nodes;
	size_t n_nodes, nodes_capacity;
	const struct fib *global; /* borrowed; NULL: none beside this one */
};

static uint32_t
node_add(struct fib *f)
{
	x_grow(&f->nodes, &f->nodes_capacity, f->n_nodes + 1, sizeof(f->nodes[0]));
	f->nodes[f->n_nodes] = (struct fib_node){.route = 0};
	return (uint32_t)f->n_nodes++;
}

static void
trie_insert(struct fib *f, struct prefix to, uint32_t route)
{
	uint32_t at = 0;
	unsigned bit;

	for (bit = 0; bit < to.len; bit++) {
		unsigned side = to.addr >> (31 - bit) & 1;
		uint32_t next = f->nodes[at].child[side];

		if (!next) {
			next = node_add(f);
			f->nodes[at].child[side] = next;
		}
		at = next;
	}
	f->nodes[at].route = route;
}

static const struct fib_route *
trie_match(const struct fib *f, uint32_t dst)
{
	uint32_t at = 0, best = f->nodes[0].route;
	unsigned bit;

	for (bit = 0; bit < 32; bit++) {
		at = f->nodes[at].child[dst >> (31 - bit) & 1];
		if (!at)
			break;
		if (f->nodes[at].route)
			best = f->nodes[at].route;
	}
	return best ? &f->candidates[best - 1] : NULL;
}

/* The nth of the ways to a prefix, whose first was installed. */
static const struct fib_route *
path_pick(const struct fib *f, const struct fib_route *first, uint32_t nth)
{
	uint32_t paths = f->paths[first - f->candidates];

	return paths > 1 ? first + nth % paths : first;
}

static const struct fib_route *
resolve_route(const struct fib *f, const struct fib_route *r, uint32_t dst, uint32_t nth,
              uint32_t *ret_next)
{
	int depth;

	for (depth = 0; r && depth < FIB_RECURSION_MAX; depth++) {
		if (r->via)
			dst = r->via;
		if (r->global && f->global)
			f = f->global; /* and nothing leads back */
		if (r->interface) {
			*ret_next = dst;
			return r;
		}
		r = trie_match(f, dst);
		if (r)
			r = path_pick(f, r, nth);
	}
	return NULL;
}

static const struct fib_route *
way_nth(const struct fib *f, uint32_t dst, uint32_t nth, uint32_t *ret_next)
{
	const struct fib_route *r = trie_match(f, dst);

	return resolve_route(f, r ? path_pick(f, r, nth) : NULL, dst, nth, ret_next);
}

bool
fib_lookup(const struct fib *f, uint32_t dst, const char **ret_interface, uint32_t *ret_next)
{
	const struct fib_route *r = way_nth(f, dst, 0, ret_next);

	if (r)
		*ret_interface = r->interface;
	return r;
}

/* Both addresses count, so that a flow stays on its way, and two flows need not share one. */
const struct fib_route *
fib_way_from(const struct fib *f, uint32_t src, uint32_t dst, uint32_t *ret_next)
{
	uint32_t hash = (src ^ (dst << 16 | dst >> 16)) * 0x9e3779b1u;

	return way_nth(f, dst, hash >> 16, ret_next);
}

bool
fib_lookup_from(const struct fib *f, uint32_t src, uint32_t dst, const char **ret_interface,
                uint32_t *ret_next)
{
	const struct fib_route *r = fib_way_from(f, src, dst, ret_next);

	if (r)
		*ret_interface = r->interface;
	return r;
}

bool
fib_leads_by(const struct fib *f, uint32_t dst, const char *interface)
{
	const struct fib_route *first = trie_match(f, dst);
	uint32_t paths = first ? f->paths[first - f->candidates] : 0;
	const struct fib_route *way;
	uint32_t next;

	for (uint32_t k = 0; k < paths; k++) {
		way = resolve_route(f, first + k, dst, k, &next);
		if (way && strcmp(way->interface, interface) == 0)
			return true;
	}
	return false;
}

static int
prefix_order(struct prefix a, struct prefix b)
{
	if (a.addr != b.addr)
		return a.addr < b.addr ? -1 : 1;
	return a.len - b.len;
}

static int
candidate_order(const void *x, const void *y)
{
	const struct fib_route *a = x, *b = y;
	int order = prefix_order(a->to, b->to);

	return order ? order : a->distance - b->distance;
}

/* Learned routes of one distance share; so many of them begin here. */
static uint32_t
count_paths(const struct fib *f, size_t first, size_t end)
{
	const struct fib_route *r = &f->candidates[first];
	uint32_t n = 1;

	while (r->source == ROUTE_LEARNED && first + n < end && r[n].source == r->source &&
	       r[n].distance == r->distance && r[n].kind == r->kind && r[n].metric == r->metric)
		n++;
	return n;
}

/*
 * One round over the candidates: installs for every prefix the first that resolves in the table
 * of the round before. Returns how many prefixes changed their route.
 */
static size_t
settle_round(struct fib *f, uint32_t *chosen)
{
	size_t i, end, changed = 0;

	for (i = 0; i < f->n_candidates; i = end) {
		uint32_t pick = 0, next;
		size_t k;

		for (end = i; end < f->n_candidates; end++)
			if (prefix_order(f->candidates[i].to, f->candidates[end].to) != 0)
				break;
		for (k = i; k < end && !pick; k++)
			/* A next hop found through the route itself never resolves. */
			if (resolve_route(f, &f->candidates[k], f->candidates[k].to.addr, 0, &next))
				pick = (uint32_t)k + 1;
		if (pick != chosen[i]) {
			chosen[i] = pick;
			if (pick)
				f->paths[pick - 1] = count_paths(f, pick - 1, end);
			trie_insert(f, f->candidates[i].to, pick);
			changed++;
		}
	}
	return changed;
}

/* qsort(3) keeps no order among equals, so the order given is part of the key. */
struct keyed {
	struct fib_route route;
	size_t given;
};

static int
keyed_order(const void *x, const void *y)
{
	const struct keyed *a = x, *b = y;
	int order = candidate_order(&a->route, &b->route);

	return order ? order : a->given < b->given ? -1 : 1;
}

static void
candidates_take(struct fib *f, const struct fib_route *candidates, size_t n)
{
	struct keyed *keyed = x_alloc(n * sizeof(*keyed));
	size_t i;

	for (i = 0; i < n; i++) {
		keyed[i] = (struct keyed){candidates[i], i};
		keyed[i].route.to.addr &= prefix_mask(candidates[i].to.len);
	}
	qsort(keyed, n, sizeof(*keyed), keyed_order);
	f->candidates = x_alloc(n * sizeof(*f->candidates));
	f->paths = x_alloc(n * sizeof(*f->paths));
	f->n_candidates = n;
	for (i = 0; i < n; i++)
		f->candidates[i] = keyed[i].route;
	free(keyed);
}

struct fib *
fib_new_vrf(const struct fib_route *candidates, size_t n, const struct fib *global)
{
	struct fib *f = x_alloc(sizeof(*f));
	uint32_t *chosen = x_alloc(n * sizeof(*chosen));
	size_t i;
	int round;

	f->global = global;
	candidates_take(f, candidates, n);
	node_add(f);
	for (round = 0; round < FIB_RECURSION_MAX; round++)
		if (settle_round(f, chosen) == 0)
			break;
	f->routes = x_alloc(n * sizeof(*f->routes));
	for (i = 0; i < n; i++)
		for (uint32_t k = 0; chosen[i] && k < f->paths[chosen[i] - 1]; k++)
			f->routes[f->n_routes++] = f->candidates[chosen[i] - 1 + k];
	free(chosen);
	return f;
}

struct fib *
fib_new(const struct fib_route *candidates, size_t n)
{
	return fib_new_vrf(candidates, n, NULL);
}

void
fib_free(struct fib *f)
{
	if (!f)
		return;
	free(f->candidates);
	free(f->paths);
	free(f->routes);
	free(f->nodes);
	free(f);
}

const struct fib_route *
fib_routes(const struct fib *f, size_t *ret_n)
{
	*ret_n = f->n_routes;
	return f->routes;
}
