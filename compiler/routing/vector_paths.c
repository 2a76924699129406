/* SPDX-License-Identifier: Apache-2.0 */
/* All ways that a process of EIGRP or RIP was told of, not only the best. */
#include "compiler/routing/vector_priv.h"

#include <stdlib.h>
#include <string.h>

static const struct vector_route *
told_by(const struct vector_member *from, const struct vector_edge *e, struct prefix to)
{
	const struct vector_summary *s =
	    vector_summarises(e, to) ? vector_summary_find(from, to) : NULL;

	return s && s->active ? &s->route : vector_route_find(from, to);
}

static uint32_t
cost_at(const struct vector_proc *p, const struct vector_metric *m)
{
	return p->protocol == RT_RIP ? rip_reckon(m) : eigrp_reckon(p->eigrp, m);
}

static bool
path_of(const struct vector_net *net, const struct vector_edge *e, struct prefix to,
        struct vector_path *ret)
{
	const struct vector_member *from = &net->members[e->from];
	const struct vector_route *told = told_by(from, e, to);

	if (!told || !vector_offer(net, e, told, from->hops + told->hops, &ret->offer))
		return false;
	ret->hop = (struct routing_hop){e->out->addr, e->in->name};
	ret->reported = cost_at(net->members[e->to].proc, &told->metric);
	return true;
}

/* RFC 7868 3.5: who is nearer than this router ever was does not come back by it. */
static bool
is_feasible(const struct vector_path *p, const struct vector_route *r)
{
	return p->offer.external == r->external && p->reported < r->cost;
}

static int
path_order(const struct vector_path *a, const struct vector_path *b)
{
	if (vector_rank(&a->offer) != vector_rank(&b->offer))
		return vector_rank(&a->offer) < vector_rank(&b->offer) ? -1 : 1;
	if (a->hop.via != b->hop.via)
		return a->hop.via < b->hop.via ? -1 : 1;
	return strcmp(a->hop.interface, b->hop.interface);
}

size_t
vector_paths(const struct vector_net *net, const struct vector_member *m,
             const struct vector_route *r, bool all, struct vector_path *ret, size_t max)
{
	size_t n = 0;

	for (uint32_t k = 0; k < m->n_in; k++) {
		struct vector_path p;
		size_t at;

		if (!path_of(net, &net->edges[net->incoming[m->first_in + k]], r->to, &p) ||
		    (!all && !is_feasible(&p, r)))
			continue;
		for (at = n; at > 0 && path_order(&p, &ret[at - 1]) < 0; at--)
			;
		if (at >= max)
			continue;
		n -= n == max;
		memmove(&ret[at + 1], &ret[at], (n - at) * sizeof(*ret));
		ret[at] = p;
		n++;
	}
	return n;
}
