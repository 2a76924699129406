/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one protocol takes from another. A round gives every process what its router's table holds;
 * the tables follow; and again, until no process is fed otherwise than in the round before.
 */
#include "compiler/routing/routing_priv.h"

#define ROUNDS_MAX 16

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
kind_matches(const struct policy_redistribute *line, enum routing_kind kind)
{
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

bool
rt_redistributes(const struct policy_redistribute *line, const struct rt_route *route,
                 struct rt_attributes *ret)
{
	if (line->from != route->source || (line->process && line->process != route->process) ||
	    !kind_matches(line, route->kind))
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
is_fed(const struct rt_vrf *vrf)
{
	for (size_t k = 0; k < vrf->node->n_ospf; k++) {
		const struct ospf_proc *p = vrf->node->ospf[k];

		if (p->vrf == vrf && (p->conf->n_redistributes || p->conf->default_originate))
			return true;
	}
	return false;
}

static bool
vrf_feed(struct rt_vrf *vrf)
{
	struct routing *r = vrf->node->routing;
	struct rt_rib rib;
	bool changed = false;

	rt_rib_make(vrf, &rib, true);
	for (size_t k = 0; k < vrf->node->n_ospf; k++)
		if (vrf->node->ospf[k]->vrf == vrf)
			changed |= ospf_feed(r->ospf, vrf->node->ospf[k], &rib);
	rt_rib_fini(&rib);
	return changed;
}

void
rt_solve(struct routing *r)
{
	bool changed = true;

	if (r->made == r->generation)
		return;
	ospf_net_free(r->ospf);
	r->ospf = ospf_net_new(r);
	for (int round = 0; changed && round < ROUNDS_MAX; round++) {
		changed = false;
		for (size_t k = 0; k < r->n_nodes; k++)
			for (struct rt_vrf *vrf = r->nodes[k]->vrfs; vrf; vrf = vrf->next)
				if (is_fed(vrf) && vrf_feed(vrf))
					changed = true;
	}
	r->made = r->generation;
}
