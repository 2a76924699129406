/* SPDX-License-Identifier: Apache-2.0 */
/* Whether nodes may learn what none of them tells. */
#include "compiler/routing/routing_priv.h"

static bool
is_alone(const struct rt_iface *i)
{
	const struct rt_segment *s = rt_segment_find(i->node->routing, i->segment);

	for (size_t k = 0; s && k < s->n; k++)
		if (s->ifaces[k]->node != i->node)
			return false;
	return true;
}

static bool
speaks_outside(const struct rt_iface *i)
{
	bool speaks = i->ospf.proc && !i->ospf.passive;

	for (size_t k = 0; k < i->n_vectors && !speaks; k++)
		speaks = !i->vectors[k].passive;
	return speaks && i->up && is_alone(i);
}

static bool
is_somebodys(const struct routing *r, uint32_t addr)
{
	for (size_t k = 0; k < r->n_nodes; k++)
		for (const struct rt_iface *i = r->nodes[k]->ifaces; i; i = i->next)
			if (i->addr == addr)
				return true;
	return false;
}

static bool
peers_outside(const struct rt_node *n)
{
	const struct policy_bgp *bgp = n->policy ? &n->policy->routing.bgp : NULL;

	for (size_t v = 0; bgp && bgp->as && v < bgp->n_vrfs; v++)
		for (size_t k = 0; k < bgp->vrfs[v].n_neighbors; k++)
			if (!is_somebodys(n->routing, bgp->vrfs[v].neighbors[k].addr))
				return true;
	return false;
}

bool
routing_open(const struct routing *r)
{
	for (size_t k = 0; k < r->n_nodes; k++) {
		for (const struct rt_iface *i = r->nodes[k]->ifaces; i; i = i->next)
			if (speaks_outside(i))
				return true;
		if (peers_outside(r->nodes[k]))
			return true;
	}
	return false;
}
