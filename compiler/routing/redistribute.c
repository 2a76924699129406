/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one protocol takes from another. A round gives every process what its router's table holds;
 * the tables follow; and again, until no process is fed otherwise than in the round before.
 *
 * Two routers that both tell one protocol what they have of another see each other's news at once
 * in such rounds, and both give way; then both take up again. In a network one is first, and the
 * other stays with that. So after a few rounds for all at once they go on one by one.
 */
#include "compiler/routing/routing_priv.h"

#define ROUNDS_TOGETHER 4
#define ROUNDS_MAX      20

uint8_t
rt_class_len(uint32_t addr)
{
	if (!(addr >> 31))
		return 8;
	if (addr >> 30 == 2)
		return 16;
	return addr >> 29 == 6 ? 24 : 0;
}

/* `match internal|external 1|external 2` of what comes from OSPF. */
static bool
kind_matches(const struct policy_redistribute *line, const struct rt_route *route)
{
	enum routing_kind kind = route->kind;

	if (line->from == ROUTING_BGP && kind == ROUTING_KIND_BGP_INTERNAL && !route->vpn)
		return line->internal; /* two routers would tell each other in a circle */
	if (line->from != ROUTING_OSPF || (!line->internal && !line->external1 && !line->external2))
		return true;
	switch (kind) {
	case ROUTING_KIND_OSPF_E1:
	case ROUTING_KIND_OSPF_N1:
		return line->external1;
	case ROUTING_KIND_OSPF_E2:
	case ROUTING_KIND_OSPF_N2:
		return line->external2;
	default:
		return line->internal;
	}
}

/* What is connected by an interface of a protocol is that protocol's, too. */
static bool
runs_at(const struct rt_iface *i, const struct policy_redistribute *line)
{
	if (line->from == ROUTING_OSPF)
		return i->ospf.proc && (!line->process || i->ospf.proc->process == line->process);
	if (line->from != ROUTING_EIGRP && line->from != ROUTING_RIP)
		return false;
	for (size_t k = 0; k < i->n_vectors; k++) {
		const struct vector_if *x = &i->vectors[k];

		if ((vector_protocol(x) == RT_RIP) == (line->from == ROUTING_RIP) &&
		    (!line->process || vector_process(x) == line->process))
			return true;
	}
	return false;
}

static bool
comes_from(const struct policy_redistribute *line, const struct rt_route *route)
{
	if (line->from == route->source)
		return !line->process || line->process == route->process;
	return route->connected && runs_at(route->connected, line);
}

bool
rt_redistributes(const struct policy_redistribute *line, const struct rt_route *route,
                 struct rt_attributes *ret)
{
	if (!comes_from(line, route) || !kind_matches(line, route))
		return false;
	*ret = (struct rt_attributes){.to = route->to,
	                              .metric = line->has_metric ? line->metric : route->metric,
	                              .has_metric = line->has_metric,
	                              .tag = line->tag ? line->tag : route->tag,
	                              .metric_type = line->metric_type,
	                              .interface = route->connected ? route->connected->name
	                                           : route->n_hops  ? route->hops[0].interface
	                                                            : NULL,
	                              .next_hop = route->n_hops ? route->hops[0].via : 0};
	return rt_map_apply(line->map, ret) && (line->map || !line->map_name);
}

/* --- rounds ----------------------------------------------------------------------------------- */

static bool
any_is_fed(const struct rt_vrf *vrf)
{
	for (size_t k = 0; k < vrf->node->n_ospf; k++) {
		const struct ospf_proc *p = vrf->node->ospf[k];

		if (p->vrf == vrf && ospf_is_fed(p))
			return true;
	}
	return false;
}

static size_t
vectors_in(const struct rt_vrf *vrf)
{
	size_t n = 0;

	for (size_t k = 0; k < vrf->node->n_vectors; k++)
		n += vector_vrf(vrf->node->vectors[k]) == vrf;
	return n;
}

static const struct bgp_proc *
speaker_in(const struct rt_vrf *vrf)
{
	for (size_t k = 0; k < vrf->node->n_bgp; k++)
		if (bgp_vrf(vrf->node->bgp[k]) == vrf)
			return vrf->node->bgp[k];
	return NULL;
}

/* Does one source alone know more than what is connected or goes out of an interface? */
static bool
is_alone(const struct rt_vrf *vrf)
{
	const struct policy *p = vrf->node->policy;

	if (speaker_in(vrf))
		return false;
	for (size_t k = 0; k < vrf->node->n_ospf; k++)
		if (vrf->node->ospf[k]->vrf == vrf)
			return false;
	for (size_t k = 0; p && k < p->n_routes; k++)
		if (!p->routes[k].interface)
			return false;
	return vectors_in(vrf) == 1;
}

static bool
ospf_procs_feed(struct rt_vrf *vrf, const struct rt_rib *rib)
{
	struct routing *r = vrf->node->routing;
	bool changed = false;

	for (size_t k = 0; k < vrf->node->n_ospf; k++)
		if (vrf->node->ospf[k]->vrf == vrf)
			changed |= ospf_feed(r->ospf, vrf->node->ospf[k], rib);
	return changed;
}

static bool
vector_procs_feed(struct rt_vrf *vrf, const struct rt_rib *rib)
{
	struct routing *r = vrf->node->routing;
	bool changed = false;

	for (size_t k = 0; k < vrf->node->n_vectors; k++)
		if (vector_vrf(vrf->node->vectors[k]) == vrf)
			changed |= vector_feed(r->vectors, vrf->node->vectors[k], rib);
	return changed;
}

/* What each protocol of it takes from the others: true: it is something else than before. */
struct round {
	bool ospf, vectors, bgp;
};

/* VPNs cross the core by labels that the tables of all its routers make. */
static bool
core_changed(struct rt_vrf *vrf)
{
	struct rt_node *n = vrf->node;
	uint64_t before = n->mpls_fed;

	if (vrf->name || !n->mpls || !bgp_has_vpns(n->routing->bgp))
		return false;
	n->mpls_fed = rt_rib_number(rt_rib_get(vrf));
	return n->mpls_fed != before;
}

static void
vrf_feed(struct rt_vrf *vrf, struct round *changed)
{
	struct routing *r = vrf->node->routing;
	const struct bgp_proc *speaker = speaker_in(vrf);
	struct rt_rib local = {.n = 0};
	const struct rt_rib *rib = &local;

	changed->bgp |= core_changed(vrf);
	if (!any_is_fed(vrf) && !vectors_in(vrf) && !speaker)
		return;
	if (is_alone(vrf))
		rt_rib_local(vrf, &local);
	else
		rib = rt_rib_get(vrf);
	changed->ospf |= ospf_procs_feed(vrf, rib);
	changed->vectors |= vector_procs_feed(vrf, rib);
	changed->bgp |= speaker && bgp_feed(r->bgp, speaker, rib);
	rt_rib_fini(&local);
}

static void
nets_make(struct routing *r)
{
	ospf_net_free(r->ospf);
	r->ospf = ospf_net_new(r);
	vector_net_free(r->vectors);
	r->vectors = vector_net_new(r);
	bgp_net_free(r->bgp);
	r->bgp = bgp_net_new(r);
	r->epoch++;
}

static bool
any_changed(const struct round *c)
{
	return c->ospf || c->vectors || c->bgp;
}

/* What the processes make of it; BGP with the tables that it was fed with. */
static void
nets_solve(struct routing *r, const struct round *changed)
{
	if (changed->bgp)
		bgp_solve(r->bgp);
	if (changed->vectors)
		vector_solve(r->vectors);
	if (any_changed(changed))
		r->epoch++;
}

static bool
round_run(struct routing *r, bool together)
{
	struct round all = {.ospf = false};
	bool changed = false;

	for (size_t k = 0; k < r->n_nodes; k++)
		for (struct rt_vrf *vrf = r->nodes[k]->vrfs; vrf; vrf = vrf->next) {
			struct round one = {.ospf = false};

			vrf_feed(vrf, together ? &all : &one);
			nets_solve(r, &one);
			changed = changed || any_changed(&one);
		}
	nets_solve(r, &all);
	return changed || any_changed(&all);
}

void
rt_solve(struct routing *r)
{
	bool changed = true;

	if (r->made == r->generation)
		return;
	nets_make(r);
	for (int round = 0; changed && round < ROUNDS_MAX; round++)
		changed = round_run(r, round < ROUNDS_TOGETHER);
	r->unsettled = changed || !bgp_settled(r->bgp);
	r->made = r->generation;
}
