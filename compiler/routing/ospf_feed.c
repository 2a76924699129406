/* SPDX-License-Identifier: Apache-2.0 */
/* Into OSPF by redistribution and `default-information originate`; out of it into the RIB. */
#include "compiler/routing/ospf_priv.h"

#include <stdlib.h>
#include <string.h>

#define DISTANCE          110
#define METRIC_DEFAULT    20
#define METRIC_OF_BGP     1
#define METRIC_OF_DEFAULT 1

/* --- in --------------------------------------------------------------------------------------- */

struct feed {
	struct ospf_external *list;
	size_t n, capacity;
};

static void
feed_add(struct feed *f, const struct ospf_external *e)
{
	for (size_t k = 0; k < f->n; k++)
		if (f->list[k].to.addr == e->to.addr && f->list[k].to.len == e->to.len) {
			if (e->metric < f->list[k].metric)
				f->list[k] = *e;
			return;
		}
	x_grow(&f->list, &f->capacity, f->n + 1, sizeof(*f->list));
	f->list[f->n++] = *e;
}

/*
 * RFC 2328 16.4 and IOS: others go to the next hop itself when it is on a broadcast link of the
 * process, where they see it, too.
 */
static uint32_t
forward_of(const struct ospf_proc *p, const struct rt_attributes *a)
{
	for (const struct rt_iface *i = p->node->ifaces; a->next_hop && i; i = i->next)
		if (i->ospf.proc == p && i->up && !i->ospf.passive &&
		    i->ospf.network == OSPF_BROADCAST &&
		    ((i->addr ^ a->next_hop) & prefix_mask(i->len)) == 0)
			return a->next_hop;
	return 0;
}

static uint32_t
metric_of(const struct ospf_proc *p, const struct policy_redistribute *line,
          const struct rt_attributes *a)
{
	if (a->has_metric)
		return a->metric;
	if (p->conf->default_metric)
		return p->conf->default_metric;
	if (line->from == ROUTING_OSPF)
		return a->metric;
	return line->from == ROUTING_BGP ? METRIC_OF_BGP : METRIC_DEFAULT;
}

/* `summary-address`: it stands for what is within. NULL: none. */
static const struct policy_ospf_summary *
summary_of(const struct ospf_proc *p, struct prefix to)
{
	for (size_t k = 0; k < p->conf->n_summaries; k++) {
		const struct policy_ospf_summary *s = &p->conf->summaries[k];

		if (s->prefix.len <= to.len && prefix_contains(s->prefix, to.addr))
			return s;
	}
	return NULL;
}

/* `distribute-list ... out`, with or without a source. */
static bool
filters_let_out(const struct policy_ospf *conf, const struct rt_route *r)
{
	for (size_t k = 0; k < conf->n_filters; k++) {
		const struct policy_route_filter *f = &conf->filters[k];

		if (f->by_source &&
		    (f->from != r->source || (f->process && f->process != r->process)))
			continue;
		if (!rt_filters_permit(f, 1, true, NULL, r->to))
			return false;
	}
	return true;
}

/* Is it something that this line may take into the process? */
static bool
line_takes(const struct ospf_proc *p, const struct policy_redistribute *line,
           const struct rt_route *r)
{
	if (!r->to.len || (r->source == ROUTING_OSPF && r->process == p->process))
		return false;
	if (r->connected && r->connected->ospf.proc == p)
		return false; /* it tells that itself */
	if (!line->subnets && r->to.len != rt_class_len(r->to.addr))
		return false;
	return filters_let_out(p->conf, r);
}

uint32_t
ospf_domain(const struct ospf_proc *p)
{
	return p->conf->domain_id ? p->conf->domain_id : p->process;
}

/* A provider's edge: what BGP has from other edges is as it was in their part of the domain. */
static void
vpn_restore(const struct ospf_proc *p, const struct policy_redistribute *line,
            const struct rt_route *route, struct ospf_external *e)
{
	if (!p->vrf->name || route->source != ROUTING_BGP)
		return;
	e->down = true;
	if (!route->vpn || route->vpn->domain != ospf_domain(p) || line->has_metric || line->map)
		return;
	e->metric = route->metric;
	e->type = route->vpn->type;
}

static void
line_feed(struct feed *f, const struct ospf_proc *p, const struct policy_redistribute *line,
          const struct rt_rib *rib)
{
	for (size_t k = 0; k < rib->n; k++) {
		const struct rt_route *route = &rib->routes[k];
		const struct policy_ospf_summary *summary = summary_of(p, route->to);
		struct rt_attributes a;
		struct ospf_external e;

		if (!line_takes(p, line, route) || !rt_redistributes(line, route, &a))
			continue;
		e = (struct ospf_external){.to = route->to,
		                           .metric = metric_of(p, line, &a),
		                           .tag = a.tag,
		                           .type = a.metric_type == 1 ? 1 : 2,
		                           .forward = forward_of(p, &a)};
		vpn_restore(p, line, route, &e);
		if (summary) {
			e.to = summary->prefix;
			e.tag = summary->tag;
			e.forward = 0;
		}
		if (!summary || summary->advertise)
			feed_add(f, &e);
	}
}

/* A default route of another source. */
static const struct rt_route *
default_of(const struct ospf_proc *p, const struct rt_rib *rib)
{
	const struct rt_route *r = rt_rib_find(rib, (struct prefix){0, 0});

	return r && (r->source != ROUTING_OSPF || r->process != p->process) ? r : NULL;
}

static bool
tells_default(const struct ospf_proc *p, const struct rt_rib *rib)
{
	const struct rt_route *r = default_of(p, rib);

	return r && rt_map_apply(p->conf->default_map, &(struct rt_attributes){.to = r->to});
}

static bool
same_external(const struct ospf_external *a, const struct ospf_external *b)
{
	return a->to.addr == b->to.addr && a->to.len == b->to.len && a->metric == b->metric &&
	       a->tag == b->tag && a->forward == b->forward && a->type == b->type &&
	       a->down == b->down;
}

static bool
feed_differs(const struct feed *f, const struct ospf_member *m)
{
	if (f->n != m->n_externals)
		return true;
	for (size_t k = 0; k < f->n; k++)
		if (!same_external(&f->list[k], &m->externals[k]))
			return true;
	return false;
}

bool
ospf_is_fed(const struct ospf_proc *p)
{
	const struct policy_ospf *conf = p->conf;
	bool nssa_default = false;

	for (size_t k = 0; k < conf->n_areas; k++)
		nssa_default = nssa_default || conf->areas[k].default_originate;
	return conf->n_redistributes || conf->default_originate || nssa_default;
}

bool
ospf_feed(struct ospf_net *net, struct ospf_proc *p, const struct rt_rib *rib)
{
	struct ospf_member *m = &net->members[p->index];
	const struct policy_ospf *conf = p->conf;
	struct feed f = {.n = 0};
	bool changed;

	for (size_t k = 0; k < conf->n_redistributes; k++)
		line_feed(&f, p, &conf->redistributes[k], rib);
	if (conf->default_originate && (conf->default_always || tells_default(p, rib)))
		feed_add(&f,
		         &(struct ospf_external){.metric = conf->default_metric_originated
		                                               ? conf->default_metric_originated
		                                               : METRIC_OF_DEFAULT,
		                                 .type = conf->default_metric_type == 1 ? 1 : 2});
	changed = feed_differs(&f, m) || m->has_default != !!default_of(p, rib);
	m->has_default = default_of(p, rib);
	free(m->externals);
	m->externals = f.list;
	m->n_externals = f.n;
	return changed;
}

/* --- out -------------------------------------------------------------------------------------- */

static uint8_t
distance_of(const struct policy_ospf *conf, enum routing_kind kind)
{
	unsigned which = kind == ROUTING_KIND_OSPF_INTRA   ? 0
	                 : kind == ROUTING_KIND_OSPF_INTER ? 1
	                                                   : 2;

	return conf->distance[which] ? conf->distance[which] : DISTANCE;
}

/* Sets of next hops that routes share are kept once. Returns where each begins, by its first. */
static uint32_t *
hops_pack(const struct ospf_routes *routes, struct arena *a, struct routing_hop **ret)
{
	uint32_t *place = x_alloc((routes->n_hops + 1) * sizeof(*place));
	size_t n = 0;

	for (size_t k = 0; k < routes->n; k++) {
		const struct ospf_route *r = &routes->list[k];

		if (r->n_hops && !place[r->hops]) {
			place[r->hops] = (uint32_t)n + 1;
			n += r->n_hops;
		}
	}
	*ret = arena_alloc(a, (n + 1) * sizeof(**ret));
	for (size_t k = 0; k < routes->n_hops; k++)
		if (place[k])
			place[k]--;
	return place;
}

void
ospf_rib_add(struct ospf_net *net, struct ospf_proc *p, struct rt_rib *rib)
{
	const struct policy_ospf *conf = p->conf;
	struct ospf_routes routes;
	struct routing_hop *hops;
	uint32_t *place;

	ospf_routes_make(net, p, &routes);
	place = hops_pack(&routes, rib->arena, &hops);
	for (size_t k = 0; k < routes.n; k++) {
		const struct ospf_route *r = &routes.list[k];

		if (r->n_hops)
			memcpy(&hops[place[r->hops]], &routes.hops[r->hops],
			       r->n_hops * sizeof(*hops));
		if (r->own ||
		    !rt_filters_permit(conf->filters, conf->n_filters, false,
		                       r->n_hops ? routes.hops[r->hops].interface : NULL, r->to))
			continue;
		rt_rib_add(rib,
		           &(struct rt_route){.to = r->to,
		                              .source = ROUTING_OSPF,
		                              .process = p->process,
		                              .kind = r->kind,
		                              .distance = distance_of(conf, r->kind),
		                              .metric = r->metric,
		                              .tag = r->tag,
		                              .from = r->from,
		                              .n_hops = r->n_hops,
		                              .hops = r->n_hops ? &hops[place[r->hops]] : NULL});
	}
	free(place);
	ospf_routes_fini(&routes);
}
