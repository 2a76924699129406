/* SPDX-License-Identifier: Apache-2.0 */
/* Into EIGRP and RIP: interfaces, redistribution; out of them into the RIB. */
#include "compiler/routing/vector_priv.h"

#include <stdlib.h>
#include <string.h>

/* --- in --------------------------------------------------------------------------------------- */

static bool
is_own(const struct vector_proc *p, const struct rt_route *r)
{
	return p->protocol == RT_RIP ? r->source == ROUTING_RIP
	                             : r->source == ROUTING_EIGRP && r->process == p->process;
}

static uint32_t
cost_of(const struct vector_proc *p, const struct vector_metric *m)
{
	return p->protocol == RT_RIP ? rip_reckon(m) : eigrp_reckon(p->eigrp, m);
}

/* An interface of the process tells its network by itself. */
static bool
connected_take(const struct vector_proc *p, const struct rt_iface *i, struct vector_input *in)
{
	for (size_t k = 0; i && k < i->n_vectors; k++) {
		const struct vector_if *x = &i->vectors[k];

		if (x->proc != p)
			continue;
		in->told = true;
		in->route.from = VECTOR_CONNECTED;
		if (p->protocol == RT_EIGRP)
			in->route.metric = (struct vector_metric){.bandwidth = x->bandwidth,
			                                          .delay = x->delay,
			                                          .mtu = 1500,
			                                          .reliability = 255,
			                                          .load = 1};
		return true;
	}
	return false;
}

static enum vector_from
injected_from(const struct rt_route *route)
{
	return route->source == ROUTING_CONNECTED ? VECTOR_INJECTED_CONNECTED
	       : route->source == ROUTING_STATIC  ? VECTOR_INJECTED_STATIC
	                                          : VECTOR_INJECTED;
}

/* `distribute-list ... out SOURCE` */
static bool
source_is_filtered(const struct vector_proc *p, const struct policy_redistribute *line,
                   struct prefix to)
{
	const struct policy_route_filter *filters =
	    p->protocol == RT_RIP ? p->rip->filters : p->eigrp->filters;
	size_t n = p->protocol == RT_RIP ? p->rip->n_filters : p->eigrp->n_filters;

	for (size_t k = 0; k < n; k++)
		if (filters[k].by_source && filters[k].from == line->from &&
		    (!filters[k].process || filters[k].process == line->process) &&
		    !rt_filters_permit(&filters[k], 1, true, NULL, to))
			return true;
	return false;
}

static void
line_take(const struct vector_proc *p, const struct policy_redistribute *line,
          const struct rt_route *route, struct vector_input *in)
{
	struct rt_attributes a;

	if (!rt_redistributes(line, route, &a) || source_is_filtered(p, line, route->to))
		return;
	in->told = p->protocol == RT_RIP ? rip_seed(p, line->from, &a, &in->route.metric)
	                                 : eigrp_seed(p, line, route, a.entry, &in->route.metric);
	in->route.from = injected_from(route);
	in->route.external = p->protocol == RT_EIGRP;
	in->route.origin = p->router_id;
	in->route.next_hop = p->protocol == RT_RIP ? a.next_hop : 0;
	in->route.tag = a.tag;
}

static void
input_make(const struct vector_proc *p, const struct rt_route *route, struct vector_input *in)
{
	size_t n = p->protocol == RT_RIP ? p->rip->n_redistributes : p->eigrp->n_redistributes;
	const struct policy_redistribute *lines =
	    p->protocol == RT_RIP ? p->rip->redistributes : p->eigrp->redistributes;

	*in = (struct vector_input){.route.to = route->to, .distance = route->distance};
	if (!connected_take(p, route->connected, in))
		for (size_t k = 0; k < n && !in->told; k++)
			line_take(p, &lines[k], route, in);
	if (in->told)
		in->route.cost = cost_of(p, &in->route.metric);
	if (in->route.cost == VECTOR_INFINITY)
		in->told = false;
}

static bool
same_input(const struct vector_input *a, const struct vector_input *b)
{
	const struct vector_route *x = &a->route, *y = &b->route;

	return a->told == b->told && a->distance == b->distance &&
	       rt_longest_first(x->to, y->to) == 0 && x->cost == y->cost && x->tag == y->tag &&
	       x->next_hop == y->next_hop && x->from == y->from && x->external == y->external &&
	       x->metric.bandwidth == y->metric.bandwidth && x->metric.delay == y->metric.delay;
}

static bool
inputs_differ(const struct vector_member *m, const struct vector_input *in, size_t n)
{
	if (n != m->n_inputs)
		return true;
	for (size_t k = 0; k < n; k++)
		if (!same_input(&m->inputs[k], &in[k]))
			return true;
	return false;
}

bool
vector_feed(struct vector_net *net, struct vector_proc *p, const struct rt_rib *rib)
{
	struct vector_member *m = &net->members[p->index];
	struct vector_input *in = x_alloc((rib->n + 1) * sizeof(*in));
	bool default_told = p->protocol == RT_RIP && p->rip->default_originate, changed;
	size_t n = 0;

	for (size_t k = 0; k < rib->n; k++)
		if (!is_own(p, &rib->routes[k]) && !(default_told && rib->routes[k].to.len == 0))
			input_make(p, &rib->routes[k], &in[n++]);
	if (default_told)
		in[n++] = (struct vector_input){
		    .told = true, .distance = VECTOR_NOBODY, .route.from = VECTOR_INJECTED};
	changed = inputs_differ(m, in, n);
	free(m->inputs);
	m->inputs = in;
	m->n_inputs = n;
	return changed;
}

/* --- out -------------------------------------------------------------------------------------- */

/* `variance`: more than the best ones, unequal as they are. */
static const struct routing_hop *
varied_hops(const struct vector_net *net, const struct vector_member *m,
            const struct vector_route *r, struct arena *a, uint8_t *ret_n)
{
	struct vector_path paths[ROUTING_PATHS_MAX];
	uint8_t max = vector_paths_max(m->proc);
	size_t n = vector_paths(net, m, r, false, paths, max);
	struct routing_hop *hops = arena_alloc(a, (n + 1) * sizeof(*hops));
	uint64_t limit = (uint64_t)r->cost * m->proc->eigrp->variance;

	*ret_n = 0;
	for (size_t k = 0; k < n; k++)
		if (paths[k].offer.cost <= limit)
			hops[(*ret_n)++] = paths[k].hop;
	return hops;
}

static void
route_add(const struct vector_net *net, const struct vector_member *m, const struct vector_route *r,
          const struct routing_hop *hops, struct rt_rib *rib)
{
	const struct vector_proc *p = m->proc;
	struct rt_route route = {.to = r->to,
	                         .source = ROUTING_RIP,
	                         .process = p->process,
	                         .kind = ROUTING_KIND_RIP,
	                         .distance = vector_distance(p, r),
	                         .metric = r->cost,
	                         .tag = r->tag,
	                         .from = r->n_hops ? r->teller : 0,
	                         .n_hops = r->n_hops,
	                         .hops = r->n_hops ? hops + r->hops : NULL};

	if (p->protocol == RT_EIGRP) {
		route.source = ROUTING_EIGRP;
		route.kind = r->external ? ROUTING_KIND_EIGRP_EXTERNAL : ROUTING_KIND_EIGRP;
		route.vector = &r->metric;
		if (p->eigrp->variance > 1 && r->from == VECTOR_LEARNED)
			route.hops = varied_hops(net, m, r, rib->arena, &route.n_hops);
	}
	rt_rib_add(rib, &route);
}

void
vector_rib_add(const struct vector_net *net, const struct vector_proc *p, struct rt_rib *rib)
{
	const struct vector_member *m = &net->members[p->index];
	const struct routing_hop *hops =
	    arena_memdup(rib->arena, m->hops, m->n_hops * sizeof(*m->hops));

	for (size_t k = 0; k < m->n_routes; k++)
		if (m->routes[k].from == VECTOR_LEARNED || m->routes[k].from == VECTOR_SUMMARY)
			route_add(net, m, &m->routes[k], hops, rib);
}
