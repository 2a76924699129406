/* SPDX-License-Identifier: Apache-2.0 */
/* Routes under way, and which of them is the best: RFC 2328 11. */
#include "compiler/routing/ospf_priv.h"

#include <stdlib.h>

void
ospf_candidate_add(struct ospf_list *l, const struct ospf_candidate *c)
{
	x_grow(&l->list, &l->capacity, l->n + 1, sizeof(*l->list));
	l->list[l->n++] = *c;
}

static int
number_order(uint32_t a, uint32_t b)
{
	return a < b ? -1 : a > b;
}

/* RFC 2328 16.4 (6): of type 2 the metric counts first, then the way to where it leaves. */
static int
preference_order(const struct ospf_candidate *a, const struct ospf_candidate *b)
{
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->rank == OSPF_TYPE2 && a->metric != b->metric)
		return number_order(a->metric, b->metric);
	return number_order(a->cost, b->cost);
}

static int
candidate_order(const void *x, const void *y)
{
	const struct ospf_candidate *a = x, *b = y;
	int order = rt_prefix_order(a->to, b->to);

	return order ? order : preference_order(a, b);
}

static void
list_sort(struct ospf_list *l)
{
	for (size_t i = 1; i < l->n; i++)
		if (candidate_order(&l->list[i - 1], &l->list[i]) > 0) {
			qsort(l->list, l->n, sizeof(*l->list), candidate_order);
			return;
		}
}

/* One more way that is as good: their next hops together, in a new piece of the pool. */
static void
hops_merge(struct ospf_candidate *best, const struct ospf_candidate *c, struct ospf_pool *pool,
           uint8_t paths)
{
	uint32_t first = (uint32_t)pool->n, old = best->hops;
	uint8_t n = best->n_hops;

	if (best->own || c->own) {
		best->own = true;
		return;
	}
	best->hops = first;
	best->n_hops = 0;
	for (uint8_t k = 0; k < n; k++)
		ospf_hop_add(pool, first, &best->n_hops, pool->hops[old + k], paths);
	for (uint8_t k = 0; k < c->n_hops; k++)
		ospf_hop_add(pool, first, &best->n_hops, pool->hops[c->hops + k], paths);
}

void
ospf_pick(struct ospf_list *l, struct ospf_pool *pool, uint8_t paths)
{
	size_t kept = 0, end;

	list_sort(l);
	for (size_t i = 0; i < l->n; i = end) {
		struct ospf_candidate best = l->list[i];

		for (end = i + 1;
		     end < l->n && rt_prefix_order(l->list[i].to, l->list[end].to) == 0; end++)
			if (preference_order(&best, &l->list[end]) == 0)
				hops_merge(&best, &l->list[end], pool, paths);
		l->list[kept++] = best;
	}
	l->n = kept;
}

const struct ospf_candidate *
ospf_lookup(const struct ospf_list *l, struct prefix to)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = rt_prefix_order(l->list[middle].to, to);

		if (order == 0)
			return &l->list[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct ospf_candidate *
ospf_lookup_addr(const struct ospf_list *l, uint32_t addr)
{
	for (int len = 32; len > 0; len--) {
		struct prefix to = {addr & prefix_mask((uint8_t)len), (uint8_t)len};
		const struct ospf_candidate *c = ospf_lookup(l, to);

		if (c && c->rank <= OSPF_INTER)
			return c;
	}
	return NULL;
}
