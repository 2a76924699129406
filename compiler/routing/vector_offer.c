/* SPDX-License-Identifier: Apache-2.0 */
/* What one process of EIGRP or RIP tells a neighbour of a route, and what that makes of it. */
#include "compiler/routing/vector_priv.h"

#define EIGRP_INTERNAL 90
#define EIGRP_EXTERNAL 170
#define EIGRP_SUMMARY  5
#define RIP_DISTANCE   120
#define PATHS_DEFAULT  4

uint64_t
vector_rank(const struct vector_route *r)
{
	return (uint64_t)r->external << 32 | r->cost;
}

uint8_t
vector_distance(const struct vector_proc *p, const struct vector_route *r)
{
	if (p->protocol == RT_RIP)
		return p->rip->distance ? p->rip->distance : RIP_DISTANCE;
	if (r->from == VECTOR_SUMMARY)
		return EIGRP_SUMMARY;
	if (r->external)
		return p->eigrp->distance[1] ? p->eigrp->distance[1] : EIGRP_EXTERNAL;
	return p->eigrp->distance[0] ? p->eigrp->distance[0] : EIGRP_INTERNAL;
}

uint8_t
vector_paths_max(const struct vector_proc *p)
{
	uint8_t n = p->protocol == RT_RIP ? p->rip->maximum_paths : p->eigrp->maximum_paths;

	return n == 0 ? PATHS_DEFAULT : n > ROUTING_PATHS_MAX ? ROUTING_PATHS_MAX : n;
}

/* Nothing is told by the interface that leads to it. */
static bool
horizon_hides(const struct vector_edge *e, const struct vector_route *r,
              const struct routing_hop *h)
{
	if (!e->x->split_horizon)
		return false;
	if (r->from == VECTOR_CONNECTED && r->to.len == e->out->len &&
	    prefix_contains(r->to, e->out->addr))
		return true;
	for (uint8_t k = 0; k < r->n_hops; k++)
		if (h[k].interface == e->out->name)
			return true;
	return false;
}

static bool
filters_permit(const struct vector_proc *p, bool out, const struct rt_iface *i, struct prefix to)
{
	const struct policy_route_filter *filters =
	    p->protocol == RT_RIP ? p->rip->filters : p->eigrp->filters;
	size_t n = p->protocol == RT_RIP ? p->rip->n_filters : p->eigrp->n_filters;

	for (size_t k = 0; k < n; k++)
		if (!filters[k].by_source && !rt_filters_permit(&filters[k], 1, out, i->name, to))
			return false;
	return true;
}

bool
vector_summarises(const struct vector_edge *e, struct prefix to)
{
	if (e->x->proc->protocol == RT_RIP)
		return rip_summarises(e, to);
	for (size_t k = 0; k < e->x->n_summaries; k++)
		if (rt_longest_first(e->x->summaries[k], to) == 0)
			return true;
	return false;
}

static bool
is_kept_back(const struct vector_edge *e, const struct vector_route *r)
{
	if (e->x->proc->protocol == RT_RIP)
		return rip_keeps_back(e, r->to);
	return !eigrp_stub_tells(e->x->proc->eigrp, r) || eigrp_keeps_back(e, r->to);
}

/* RFC 7868 6.6.2: who redistributed it does not believe it. */
static bool
comes_back(const struct vector_edge *e, const struct vector_route *r)
{
	return r->external && r->origin && r->origin == e->y->proc->router_id;
}

bool
vector_offer(const struct vector_net *net, const struct vector_edge *e,
             const struct vector_route *r, const struct routing_hop *h, struct vector_route *ret)
{
	const struct vector_proc *to = net->members[e->to].proc;
	struct vector_route offer = *r;

	if (horizon_hides(e, r, h) || is_kept_back(e, r) || comes_back(e, r))
		return false;
	if (!filters_permit(e->x->proc, true, e->out, r->to) ||
	    !filters_permit(to, false, e->in, r->to))
		return false;
	offer.from = VECTOR_LEARNED;
	offer.n_hops = 0;
	offer.teller = e->out->addr;
	offer.next_hop = to->protocol == RT_RIP ? rip_next_hop(e, r) : 0;
	if (offer.next_hop && offer.next_hop == e->in->addr)
		return false; /* the way leads back to who is told */
	if (to->protocol == RT_RIP) {
		rip_extend(&offer.metric);
		offer.cost = rip_reckon(&offer.metric);
	} else {
		eigrp_extend(&offer.metric, e->y);
		offer.cost = eigrp_reckon(to->eigrp, &offer.metric);
	}
	*ret = offer;
	return offer.cost != VECTOR_INFINITY;
}
