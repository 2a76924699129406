/* SPDX-License-Identifier: Apache-2.0 */
/* All speakers of one generation, what they are fed with, and their routes in the RIB. */
#include "compiler/routing/bgp_priv.h"

#include <stdlib.h>

#define EXTERNAL_DISTANCE 20
#define INTERNAL_DISTANCE 200
#define LOCAL_DISTANCE    200

const struct rt_vrf *
bgp_vrf(const struct bgp_proc *p)
{
	return p->vrf;
}

bool
bgp_has_vpns(const struct bgp_net *net)
{
	return net->n_rds > 0;
}

bool
bgp_settled(const struct bgp_net *net)
{
	return !net->unsettled;
}

bool
bgp_session_tells(const struct bgp_peer *from, const struct bgp_peer *to)
{
	if (!from->conf || !to->conf)
		return false;
	if (to->state == BGP_ESTABLISHED && to->other == from)
		return true;
	/* One that is off is believed with all that it had: others still tell it. */
	return !to->proc->node->on && from->state == BGP_ESTABLISHED && from->other == to;
}

/* --- making ----------------------------------------------------------------------------------- */

static void
member_make(struct bgp_net *net, struct bgp_proc *p)
{
	struct bgp_member *m = &net->members[net->n_members];

	p->index = net->n_members++;
	m->proc = p;
	m->n_aggregates = p->family->n_aggregates;
	m->aggregates = x_alloc((m->n_aggregates + 1) * sizeof(*m->aggregates));
	for (size_t k = 0; k < m->n_aggregates; k++)
		m->aggregates[k].conf = &p->family->aggregates[k];
	for (size_t k = 0; k < p->n_peers; k++) {
		p->peers[k]->index = net->n_peers;
		net->peers[net->n_peers++] = p->peers[k];
	}
}

struct bgp_net *
bgp_net_new(struct routing *r)
{
	struct bgp_net *net = x_alloc(sizeof(*net));
	size_t procs = 0, peers = 0;

	for (size_t k = 0; k < r->n_nodes; k++)
		for (size_t i = 0; i < r->nodes[k]->n_bgp; i++) {
			procs++;
			peers += r->nodes[k]->bgp[i]->n_peers;
		}
	net->routing = r;
	net->arena = arena_new();
	net->members = x_alloc((procs + 1) * sizeof(*net->members));
	net->peers = x_alloc((peers + 1) * sizeof(struct bgp_peer *));
	net->received = x_alloc((peers + 1) * sizeof(*net->received));
	net->received_vpns = x_alloc((peers + 1) * sizeof(*net->received_vpns));
	for (size_t k = 0; k < r->n_nodes; k++)
		for (size_t i = 0; i < r->nodes[k]->n_bgp; i++)
			member_make(net, r->nodes[k]->bgp[i]);
	bgp_vpn_planes(net);
	return net;
}

void
bgp_net_free(struct bgp_net *net)
{
	if (!net)
		return;
	for (size_t k = 0; k < net->n_members; k++) {
		struct bgp_member *m = &net->members[k];

		for (size_t i = 0; i < m->n_aggregates; i++)
			free(m->aggregates[i].set);
		free(m->aggregates);
		free(m->routes);
		free(m->paths);
		free(m->vpns);
	}
	free(net->members);
	free(net->peers);
	free(net->received);
	free(net->received_vpns);
	free(net->rds);
	arena_free(net->arena);
	free(net);
}

/* --- in --------------------------------------------------------------------------------------- */

static uint64_t
number_mix(uint64_t h, uint64_t n)
{
	h = (h ^ n) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

/* What it is fed with is its whole table: a number stands for it. */
uint64_t
rt_rib_number(const struct rt_rib *rib)
{
	uint64_t h = 1;

	for (size_t k = 0; k < rib->n; k++) {
		const struct rt_route *r = &rib->routes[k];

		h = number_mix(h, (uint64_t)r->to.addr << 8 | r->to.len);
		h = number_mix(h, (uint64_t)r->metric << 32 | r->tag);
		h = number_mix(h, (uint64_t)r->process << 32 | (uint64_t)r->source << 16 |
		                      (uint64_t)r->kind << 8 | r->distance);
		for (uint8_t i = 0; i < r->n_hops; i++)
			h = number_mix(number_mix(h, r->hops[i].via),
			               (uintptr_t)r->hops[i].interface);
		for (uint8_t i = 0; r->vpn && i < r->n_hops; i++)
			h = number_mix(h, r->vpn[i].label);
	}
	return h;
}

bool
bgp_feed(struct bgp_net *net, const struct bgp_proc *p, const struct rt_rib *rib)
{
	struct bgp_member *m = &net->members[p->index];
	uint64_t before = m->fed;

	m->fed = rt_rib_number(rib);
	return m->fed != before;
}

/* --- out -------------------------------------------------------------------------------------- */

/* `network ... backdoor`: another protocol is to be nearer. */
static bool
is_backdoor(const struct policy_bgp_vrf *f, struct prefix to)
{
	for (size_t k = 0; k < f->n_networks; k++)
		if (f->networks[k].backdoor && f->networks[k].prefix.len == to.len &&
		    f->networks[k].prefix.addr == to.addr)
			return true;
	return false;
}

static uint8_t
distance_of(const struct bgp_proc *p, const struct bgp_path *path)
{
	const uint8_t *d = p->family->distance;

	if (path->source == BGP_AGGREGATE || is_backdoor(p->family, path->to))
		return d[2] ? d[2] : LOCAL_DISTANCE;
	if (path->external || (path->imported && path->from))
		return d[0] ? d[0] : EXTERNAL_DISTANCE;
	return d[1] ? d[1] : INTERNAL_DISTANCE;
}

static uint8_t
paths_max(const struct bgp_proc *p, const struct bgp_path *best)
{
	uint8_t n = best->external ? p->family->maximum_paths : p->family->maximum_paths_ibgp;

	return n == 0 ? 1 : n > ROUTING_PATHS_MAX ? ROUTING_PATHS_MAX : n;
}

static struct routing_hop *
hops_make(const struct bgp_member *m, const struct bgp_route *r, struct arena *a, uint8_t *ret_n)
{
	uint8_t max = paths_max(m->proc, r->best), n = 0;
	struct routing_hop *hops = arena_alloc(a, max * sizeof(*hops));

	hops[n++] = (struct routing_hop){.via = r->best->next_hop};
	for (uint32_t k = 0; k < r->n && n < max; k++)
		if (m->paths[r->first + k] != r->best &&
		    bgp_is_as_good(m->proc, r->best, m->paths[r->first + k]))
			hops[n++] = (struct routing_hop){.via = m->paths[r->first + k]->next_hop};
	*ret_n = n;
	return hops;
}

/* The same of what a VRF imports. */
static void
vpn_hops_make(const struct bgp_member *m, const struct bgp_route *r, struct arena *a,
              struct rt_route *ret)
{
	uint8_t max = paths_max(m->proc, r->best), n = 0;
	struct routing_hop *hops = arena_alloc(a, max * sizeof(*hops));
	struct rt_vpn *vpn = arena_alloc(a, max * sizeof(*vpn));

	vpn[n] = bgp_vpn_hop(r->best, &hops[n]);
	n++;
	for (uint32_t k = 0; k < r->n && n < max; k++) {
		const struct bgp_path *p = m->paths[r->first + k];

		if (p == r->best || !p->imported || !bgp_is_as_good(m->proc, r->best, p))
			continue;
		vpn[n] = bgp_vpn_hop(p, &hops[n]);
		n++;
	}
	ret->hops = hops;
	ret->vpn = vpn;
	ret->n_hops = n;
}

void
bgp_rib_add(const struct bgp_net *net, const struct bgp_proc *p, struct rt_rib *rib)
{
	const struct bgp_member *m = &net->members[p->index];

	for (size_t k = 0; k < m->n_routes; k++) {
		const struct bgp_route *r = &m->routes[k];
		struct rt_route route;

		if (!r->best ||
		    (r->best->source != BGP_LEARNED && r->best->source != BGP_AGGREGATE))
			continue;
		route = (struct rt_route){.to = r->to,
		                          .source = ROUTING_BGP,
		                          .process = p->as,
		                          .kind = r->best->source == BGP_AGGREGATE
		                                      ? ROUTING_KIND_BGP_LOCAL
		                                  : r->best->external ? ROUTING_KIND_BGP_EXTERNAL
		                                                      : ROUTING_KIND_BGP_INTERNAL,
		                          .distance = distance_of(p, r->best),
		                          .metric = r->best->med,
		                          .tag = bgp_neighbor_as(r->best),
		                          .from = r->best->peer ? r->best->peer->addr : 0};
		if (r->best->imported)
			vpn_hops_make(m, r, rib->arena, &route);
		else if (r->best->source == BGP_LEARNED)
			route.hops = hops_make(m, r, rib->arena, &route.n_hops);
		rt_rib_add(rib, &route);
	}
}
