/* SPDX-License-Identifier: Apache-2.0 */
/* What lies outside: AS-external routes (RFC 2328 16.4), and those of NSSAs (RFC 3101). */
#include "compiler/routing/ospf_priv.h"

#include <stdlib.h>

static void
external_add(struct ospf_list *l, const struct ospf_member *m, const struct ospf_member *z,
             const struct ospf_external *e, const struct ospf_candidate *way, bool nssa)
{
	ospf_candidate_add(l, &(struct ospf_candidate){
				  .to = e->to,
				  .rank = e->type == 1 ? OSPF_TYPE1 : OSPF_TYPE2,
				  .cost = way->cost + (e->type == 1 ? e->metric : 0),
				  .metric = e->type == 1 ? 0 : e->metric,
				  .detour = m->proc->conf->strict_paths && ospf_is_detour(way),
				  .tag = e->tag,
				  .from = z->proc->router_id,
				  .hops = way->hops,
				  .n_hops = way->n_hops,
				  .nssa = nssa});
}

/* RFC 2328 16.4 (3): to who tells it, or to the address that it names. */
static bool
way_to(const struct ospf_net *net, const struct ospf_list *picked, const struct ospf_member *z,
       const struct ospf_external *e, struct ospf_candidate *ret)
{
	const struct ospf_candidate *c =
	    ospf_lookup(picked, (struct prefix){(uint32_t)(z - net->members), OSPF_ROUTER});

	if (!c)
		return false;
	if (e->forward) {
		c = ospf_lookup_addr(picked, e->forward);
		if (!c)
			return false;
	}
	*ret = *c;
	return true;
}

/* Does one of its hops lead straight out of an interface? */
static bool
leads_out(const struct ospf_candidate *way, const struct ospf_pool *pool)
{
	for (uint8_t k = 0; k < way->n_hops; k++)
		if (!pool->hops[way->hops + k].via)
			return true;
	return false;
}

/* On a link of its own the address itself is the next hop; there may be other ways as near. */
static void
way_finish(struct ospf_candidate *way, uint32_t forward, struct ospf_pool *pool)
{
	uint32_t first = (uint32_t)pool->n;
	uint8_t n = 0;

	if (!forward || !leads_out(way, pool))
		return;
	for (uint8_t k = 0; k < way->n_hops; k++) {
		struct routing_hop h = pool->hops[way->hops + k];

		h.via = h.via ? h.via : forward;
		ospf_hop_add(pool, first, &n, h, ROUTING_PATHS_MAX);
	}
	way->hops = first;
	way->n_hops = n;
}

/* Type 7: within a not-so-stubby area that both are in. */
static bool
nssa_way(const struct ospf_member *m, const struct ospf_trees *t, const struct ospf_member *z,
         struct ospf_candidate *ret)
{
	for (size_t i = 0; i < m->n_areas; i++)
		for (size_t j = 0; m->areas[i].nssa && j < z->n_areas; j++) {
			const struct ospf_place *p;

			if (z->areas[j].graph != m->areas[i].graph || !z->areas[j].nssa)
				continue;
			p = &t->trees[i].places[z->areas[j].vertex];
			if (p->dist == OSPF_INFINITY)
				continue;
			*ret = (struct ospf_candidate){
			    .cost = p->dist, .hops = p->hops, .n_hops = p->n_hops};
			return true;
		}
	return false;
}

/*
 * A border router of the area tells all others what it hears there; they go to the address of who
 * told it first (RFC 3101 2.4). NULL: it is in no such area, or nobody translates.
 */
static const struct rt_iface *
nssa_forward(const struct ospf_net *net, const struct ospf_member *z)
{
	for (size_t j = 0; j < z->n_areas; j++) {
		const struct ospf_attachment *a = &z->areas[j];
		const struct rt_iface *best = NULL;
		bool translated = false;

		if (!a->nssa || !a->active)
			continue;
		for (size_t k = 0; k < net->n_borders; k++)
			for (size_t i = 0; i < net->members[net->borders[k]].n_areas; i++)
				translated =
				    translated ||
				    net->members[net->borders[k]].areas[i].graph == a->graph;
		for (const struct rt_iface *i = z->proc->node->ifaces; translated && i; i = i->next)
			if (i->ospf.proc == z->proc && i->ospf.area == a->graph->area && i->up &&
			    (!best || i->addr > best->addr))
				best = i;
		if (best)
			return best;
	}
	return NULL;
}

static bool
has_plain_area(const struct ospf_member *m)
{
	for (size_t k = 0; k < m->n_areas; k++)
		if (m->areas[k].active && !m->areas[k].stub && !m->areas[k].nssa)
			return true;
	return false;
}

static void
externals_of(const struct ospf_net *net, const struct ospf_member *m, const struct ospf_trees *t,
             const struct ospf_list *picked, const struct ospf_member *z, struct ospf_list *l)
{
	const struct rt_iface *forward = nssa_forward(net, z);
	struct ospf_candidate way = {.n_hops = 0};
	bool nssa = nssa_way(m, t, z, &way);

	for (size_t k = 0; k < z->n_externals; k++) {
		const struct ospf_external *e = &z->externals[k];

		if (nssa) {
			external_add(l, m, z, e, &way, true);
		} else if (way_to(net, picked, z, e, &way)) {
			way_finish(&way, e->forward, t->pool);
			external_add(l, m, z, e, &way, false);
		} else if (forward && has_plain_area(m)) {
			const struct ospf_candidate *c = ospf_lookup_addr(picked, forward->addr);

			if (c && !c->own)
				external_add(l, m, z, e, c, false);
		}
	}
}

void
ospf_externals_add(struct ospf_net *net, const struct ospf_member *m, const struct ospf_trees *t,
                   struct ospf_list *l)
{
	struct ospf_list more = {.n = 0};

	for (size_t k = 0; k < net->n_externals; k++) {
		const struct ospf_member *z = &net->members[net->externals[k]];

		if (z != m && z->n_externals)
			externals_of(net, m, t, l, z, &more);
	}
	for (size_t k = 0; k < more.n; k++)
		ospf_candidate_add(l, &more.list[k]);
	free(more.list);
}
