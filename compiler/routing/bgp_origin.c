/* SPDX-License-Identifier: Apache-2.0 */
/* What a speaker brings into BGP: networks of its table, and what it redistributes. */
#include "compiler/routing/bgp_priv.h"

#include <stdlib.h>

#define WEIGHT           32768
#define LOCAL_PREFERENCE 100
#define ORIGIN_IGP       0
#define INCOMPLETE       2

static struct bgp_path
path_of(const struct bgp_proc *proc, const struct rt_route *r, struct prefix to)
{
	uint32_t preference = proc->conf->default_local_preference;

	return (struct bgp_path){
	    .to = to,
	    .reachable = true,
	    .weight = WEIGHT,
	    .next_hop = r->n_hops ? r->hops[0].via : 0,
	    .local_preference = preference ? preference : LOCAL_PREFERENCE,
	    .med = r->source == ROUTING_CONNECTED || r->source == ROUTING_STATIC ? 0 : r->metric,
	    .router_id = proc->router_id};
}

/* RFC 4577 4.2.6, for other edges: what it was in the domain that it comes from. */
static struct bgp_ospf
domain_of(const struct bgp_proc *proc, const struct rt_route *r)
{
	const struct ospf_proc *p = r->connected ? r->connected->ospf.proc : NULL;

	if (!proc->family->vpn)
		return (struct bgp_ospf){0};
	for (size_t k = 0; !r->connected && k < proc->node->n_ospf; k++)
		if (r->source == ROUTING_OSPF && proc->node->ospf[k]->process == r->process)
			p = proc->node->ospf[k];
	if (!p)
		return (struct bgp_ospf){0};
	return (struct bgp_ospf){
	    .domain = ospf_domain(p),
	    .type = r->kind == ROUTING_KIND_OSPF_E1 || r->kind == ROUTING_KIND_OSPF_N1   ? 1
	            : r->kind == ROUTING_KIND_OSPF_E2 || r->kind == ROUTING_KIND_OSPF_N2 ? 2
	                                                                                 : 0};
}

static void
origin_add(struct bgp_origins *to, const struct bgp_path *p)
{
	x_grow(&to->list, &to->capacity, to->n + 1, sizeof(*to->list));
	to->list[to->n++] = *p;
}

/* --- network ---------------------------------------------------------------------------------- */

/* The first route within, by address. */
static const struct rt_route *
route_within(const struct rt_rib *rib, struct prefix to)
{
	size_t low = 0, high = rib->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (rib->routes[middle].to.addr < to.addr)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < rib->n && prefix_contains(to, rib->routes[low].to.addr); low++)
		if (rib->routes[low].to.len >= to.len && rib->routes[low].source != ROUTING_BGP)
			return &rib->routes[low];
	return NULL;
}

/* It must be in the table as it is typed; with auto-summary a network by class may be in parts. */
static void
network_add(struct bgp_net *net, const struct bgp_proc *proc, const struct policy_bgp_network *n,
            const struct rt_rib *rib, struct bgp_origins *ret)
{
	const struct rt_route *r = rt_rib_find(rib, n->prefix);
	struct bgp_path p;

	if (n->backdoor)
		return;
	if (r && r->source == ROUTING_BGP)
		r = NULL;
	if (!r && proc->family->auto_summary && n->prefix.len &&
	    n->prefix.len == rt_class_len(n->prefix.addr))
		r = route_within(rib, n->prefix);
	if (!r)
		return;
	p = path_of(proc, r, n->prefix);
	p.source = BGP_NETWORK;
	p.origin = ORIGIN_IGP;
	if (bgp_map_apply(net, n->map, &p))
		origin_add(ret, &p);
}

/* --- redistribute ----------------------------------------------------------------------------- */

/* Of OSPF what is inside alone, unless `match` says otherwise. */
static bool
kind_is_taken(const struct policy_redistribute *line, const struct rt_route *r)
{
	if (r->source != ROUTING_OSPF || line->internal || line->external1 || line->external2)
		return true;
	return r->kind == ROUTING_KIND_OSPF_INTRA || r->kind == ROUTING_KIND_OSPF_INTER;
}

static void
route_redistribute(struct bgp_net *net, const struct bgp_proc *proc,
                   const struct policy_redistribute *line, const struct rt_route *r,
                   struct bgp_origins *ret)
{
	struct rt_attributes a;
	struct bgp_path p;
	struct prefix to = r->to;
	uint8_t len = rt_class_len(to.addr);

	if (r->source == ROUTING_BGP || (!to.len && !proc->family->default_originate) ||
	    !kind_is_taken(line, r) || !rt_redistributes(line, r, &a))
		return;
	if (proc->family->auto_summary && to.len > len && len)
		to = (struct prefix){to.addr & prefix_mask(len), len};
	p = path_of(proc, r, to);
	p.source = BGP_REDISTRIBUTED;
	p.origin = INCOMPLETE;
	if (line->from == ROUTING_OSPF)
		p.ospf = domain_of(proc, r);
	if (line->has_metric)
		p.med = line->metric;
	if (a.entry)
		bgp_entry_apply(net, a.entry, &p);
	origin_add(ret, &p);
}

void
bgp_origins_add(struct bgp_net *net, const struct bgp_proc *proc, const struct rt_rib *rib,
                struct bgp_origins *ret)
{
	const struct policy_bgp_vrf *f = proc->family;

	for (size_t k = 0; k < f->n_networks; k++)
		network_add(net, proc, &f->networks[k], rib, ret);
	for (size_t k = 0; k < f->n_redistributes; k++)
		for (size_t i = 0; i < rib->n; i++)
			route_redistribute(net, proc, &f->redistributes[k], &rib->routes[i], ret);
}
