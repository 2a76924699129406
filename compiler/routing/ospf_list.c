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
	if (a->detour != b->detour)
		return a->detour ? 1 : -1;
	return number_order(a->cost, b->cost);
}

static int
candidate_order(const void *x, const void *y)
{
	const struct ospf_candidate *a = x, *b = y;
	int order = rt_prefix_order(a->to, b->to);

	order = order ? order : preference_order(a, b);
	return order ? order : a->nssa - b->nssa;
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

static struct ospf_candidate
network_pick(const struct ospf_candidate *group, size_t n, const struct ospf_trees *t)
{
	struct ospf_candidate best = group[0];

	for (size_t k = 1; k < n; k++)
		if (preference_order(&best, &group[k]) == 0)
			hops_merge(&best, &group[k], t->pool, t->paths);
	return best;
}

/* --- routers that tell external routes -------------------------------------------------------- */

bool
ospf_is_detour(const struct ospf_candidate *way)
{
	return way->rank != OSPF_INTRA || way->area == 0;
}

/* RFC 2328 16.4 (3): the nearest, by whichever area; of equals by that of the largest number. */
static int
router_order(const struct ospf_candidate *a, const struct ospf_candidate *b, bool strict)
{
	if (strict && ospf_is_detour(a) != ospf_is_detour(b))
		return ospf_is_detour(a) ? 1 : -1;
	return a->cost != b->cost ? number_order(a->cost, b->cost) : number_order(b->area, a->area);
}

/* What others tell an area of a router that is within it is not believed: 16.2 (6). */
static bool
is_within(const struct ospf_candidate *group, size_t n, const struct ospf_candidate *c)
{
	for (size_t k = 0; c->rank != OSPF_INTRA && k < n; k++)
		if (group[k].rank == OSPF_INTRA && group[k].area == c->area)
			return true;
	return false;
}

static struct ospf_candidate
router_pick(const struct ospf_candidate *group, size_t n, const struct ospf_trees *t)
{
	const struct ospf_candidate *best = &group[0]; /* it is within its area, or none is */
	struct ospf_candidate ret;

	for (size_t k = 1; k < n; k++)
		if (!is_within(group, n, &group[k]) && router_order(&group[k], best, t->strict) < 0)
			best = &group[k];
	ret = *best;
	for (size_t k = 0; k < n; k++)
		if (&group[k] != best && group[k].rank == ret.rank &&
		    router_order(&group[k], best, t->strict) == 0)
			hops_merge(&ret, &group[k], t->pool, t->paths);
	return ret;
}

/* --- all -------------------------------------------------------------------------------------- */

void
ospf_pick(struct ospf_list *l, const struct ospf_trees *t)
{
	size_t kept = 0, end;

	list_sort(l);
	for (size_t i = 0; i < l->n; i = end) {
		const struct ospf_candidate *group = &l->list[i];

		for (end = i + 1;
		     end < l->n && rt_prefix_order(l->list[i].to, l->list[end].to) == 0;)
			end++;
		l->list[kept++] = group->to.len == OSPF_ROUTER ? router_pick(group, end - i, t)
		                                               : network_pick(group, end - i, t);
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
