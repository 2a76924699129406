/* SPDX-License-Identifier: Apache-2.0 */
/* What lies outside: AS-external routes (RFC 2328 16.4), and those of NSSAs (RFC 3101). */
#include "compiler/routing/ospf_priv.h"

#include <stdlib.h>

static void
external_add(struct ospf_list *l, const struct ospf_member *m, const struct ospf_member *z,
             const struct ospf_external *e, const struct ospf_candidate *way, bool nssa)
{
	static const enum ospf_rank ranks[] = {OSPF_INTER, OSPF_TYPE1, OSPF_TYPE2};

	if (e->down && m->proc->vrf->name && !m->proc->conf->vrf_lite)
		return;
	ospf_candidate_add(l, &(struct ospf_candidate){
				  .to = e->to,
				  .rank = ranks[e->type],
				  .cost = way->cost + (e->type < 2 ? e->metric : 0),
				  .metric = e->type < 2 ? 0 : e->metric,
				  .area = e->type ? 0 : way->area,
				  .detour = m->proc->conf->strict_paths && ospf_is_detour(way),
				  .tag = e->tag,
				  .from = z->proc->router_id,
				  .hops = way->hops,
				  .n_hops = way->n_hops,
				  .nssa = nssa && e->type});
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

	if (!leads_out(way, pool))
		return;
	for (uint8_t k = 0; k < way->n_hops; k++) {
		struct routing_hop h = pool->hops[way->hops + k];

		h.via = h.via ? h.via : forward;
		ospf_hop_add(pool, first, &n, h, ROUTING_PATHS_MAX);
	}
	way->hops = first;
	way->n_hops = n;
}

/* Does the way keep to areas that carry AS-external LSAs? */
static bool
carries_externals(const struct ospf_member *m, const struct ospf_candidate *way)
{
	for (size_t k = 0; k < m->n_areas; k++)
		if (m->areas[k].graph->area == way->area && !m->areas[k].stub && !m->areas[k].nssa)
			return true;
	return false;
}

/*
 * RFC 3101 2.5 (3): the way to a forwarding address. Of a type 7 it is within its area (nssa), of
 * a type 5 (NULL) by areas that carry it.
 */
static bool
forward_way(const struct ospf_member *m, const struct ospf_list *picked, const struct ospf_trees *t,
            uint32_t forward, const struct ospf_graph *nssa, struct ospf_candidate *ret)
{
	const struct ospf_candidate *c = ospf_lookup_addr(picked, forward);

	if (!c || !c->n_hops || rt_owns(m->proc->vrf, forward))
		return false;
	if (nssa ? c->rank != OSPF_INTRA || c->area != nssa->area : !carries_externals(m, c))
		return false;
	*ret = *c;
	way_finish(ret, forward, t->pool);
	return true;
}

/* --- type 7 ----------------------------------------------------------------------------------- */

/*
 * RFC 3101 2.3: what others go to where no next hop is to be named: an address of its own in the
 * area, first one that no link leads to. 0: it has none.
 */
static uint32_t
nssa_address(const struct ospf_member *z, const struct ospf_graph *g)
{
	const struct rt_iface *best = NULL;

	for (const struct rt_iface *i = z->proc->node->ifaces; i; i = i->next)
		if (i->ospf.proc == z->proc && i->ospf.area == g->area && i->up &&
		    (!best || i->ospf.loopback > best->ospf.loopback ||
		     (i->ospf.loopback == best->ospf.loopback && i->addr > best->addr)))
			best = i;
	return best ? best->addr : 0;
}

/* One LSA of type 7 that z tells an area in which m hears it; a border router's is for it alone. */
static void
type7_add(const struct ospf_member *m, const struct ospf_trees *t, const struct ospf_list *picked,
          const struct ospf_member *z, const struct ospf_external *e, size_t nth,
          const struct ospf_place *place, struct ospf_list *l)
{
	const struct ospf_graph *g = m->areas[nth].graph;
	struct ospf_candidate way = {
	    .cost = place->dist, .area = g->area, .hops = place->hops, .n_hops = place->n_hops};
	uint32_t forward = e->forward || z->border ? e->forward : nssa_address(z, g);

	if (!forward || forward_way(m, picked, t, forward, g, &way))
		external_add(l, m, z, e, &way, true);
}

/*
 * `area N nssa default-information-originate`: of a border router always, of another one that has
 * such a route. Border routers do not believe each other's, nor any where they tell a summary of
 * all instead (RFC 3101 2.5 (3)).
 */
static void
type7_default_add(const struct ospf_member *m, const struct ospf_trees *t,
                  const struct ospf_list *picked, const struct ospf_member *z,
                  const struct ospf_attachment *a, size_t nth, const struct ospf_place *place,
                  struct ospf_list *l)
{
	const struct policy_ospf_area *conf = a->conf;

	if (!conf || !conf->default_originate || !(z->border || z->has_default) ||
	    (m->border && (z->border || m->areas[nth].no_summary)))
		return;
	type7_add(m, t, picked, z,
	          &(struct ospf_external){.metric = conf->default_metric ? conf->default_metric : 1,
	                                  .type = conf->default_metric_type == 1 ? 1 : 2},
	          nth, place, l);
}

/* All that z tells the not-so-stubby areas that both are in. True: it is what borders pass on. */
static bool
type7s_add(const struct ospf_member *m, const struct ospf_trees *t, const struct ospf_list *picked,
           const struct ospf_member *z, struct ospf_list *l)
{
	bool heard = false;

	for (size_t i = 0; i < m->n_areas; i++)
		for (size_t j = 0; m->areas[i].nssa && j < z->n_areas; j++) {
			const struct ospf_attachment *a = &z->areas[j];
			const struct ospf_place *place;

			if (a->graph != m->areas[i].graph || !a->nssa ||
			    (z->border && a->conf && a->conf->no_redistribution))
				continue;
			place = &t->trees[i].places[a->vertex];
			if (place->dist == OSPF_INFINITY)
				continue;
			heard = true;
			type7_default_add(m, t, picked, z, a, i, place, l);
			for (size_t k = 0; k < z->n_externals; k++)
				if (z->externals[k].to.len) /* a default route is of type 5 */
					type7_add(m, t, picked, z, &z->externals[k], i, place, l);
		}
	return heard && !z->border;
}

static bool
has_border(const struct ospf_net *net, const struct ospf_graph *g)
{
	for (size_t k = 0; k < net->n_borders; k++) {
		const struct ospf_member *y = &net->members[net->borders[k]];

		for (size_t i = 0; i < y->n_areas; i++)
			if (y->areas[i].graph == g)
				return true;
	}
	return false;
}

/* --- type 5 ----------------------------------------------------------------------------------- */

static bool
has_plain_area(const struct ospf_member *m)
{
	for (size_t k = 0; k < m->n_areas; k++)
		if (m->areas[k].active && !m->areas[k].stub && !m->areas[k].nssa)
			return true;
	return false;
}

/* RFC 2328 16.4 (3): to who tells it, or to the address that it names. */
static void
type5s_add(const struct ospf_member *m, const struct ospf_trees *t, const struct ospf_list *picked,
           const struct ospf_member *z, const struct ospf_candidate *teller, struct ospf_list *l)
{
	for (size_t k = 0; k < z->n_externals; k++) {
		const struct ospf_external *e = &z->externals[k];
		struct ospf_candidate way = *teller;

		if (!e->forward || forward_way(m, picked, t, e->forward, NULL, &way))
			external_add(l, m, z, e, &way, false);
	}
}

/*
 * A border router of its area tells all others what z tells there; they go to the address that z
 * named (RFC 3101 3.2), whoever translates.
 */
static void
translated_add(const struct ospf_net *net, const struct ospf_member *m, const struct ospf_trees *t,
               const struct ospf_list *picked, const struct ospf_member *z, struct ospf_list *l)
{
	const struct ospf_graph *g = NULL;

	for (size_t j = 0; j < z->n_areas && !g; j++)
		if (z->areas[j].nssa && z->areas[j].active && has_border(net, z->areas[j].graph))
			g = z->areas[j].graph;
	for (size_t k = 0; g && k < z->n_externals; k++) {
		const struct ospf_external *e = &z->externals[k];
		uint32_t forward = e->forward ? e->forward : nssa_address(z, g);
		struct ospf_candidate way;

		if (e->to.len && forward && forward_way(m, picked, t, forward, NULL, &way))
			external_add(l, m, z, e, &way, false);
	}
}

static void
externals_of(const struct ospf_net *net, const struct ospf_member *m, const struct ospf_trees *t,
             const struct ospf_list *picked, const struct ospf_member *z, struct ospf_list *l)
{
	const struct prefix teller = {(uint32_t)(z - net->members), OSPF_ROUTER};
	const struct ospf_candidate *way = ospf_lookup(picked, teller);

	if (type7s_add(m, t, picked, z, l))
		return;
	if (way)
		type5s_add(m, t, picked, z, way, l);
	else if (has_plain_area(m) && !z->border)
		translated_add(net, m, t, picked, z, l);
}

void
ospf_externals_add(struct ospf_net *net, const struct ospf_member *m, const struct ospf_trees *t,
                   struct ospf_list *l)
{
	struct ospf_list more = {.n = 0};

	for (size_t k = 0; k < net->n_externals; k++) {
		const struct ospf_member *z = &net->members[net->externals[k]];

		if (z != m)
			externals_of(net, m, t, l, z, &more);
	}
	for (size_t k = 0; k < more.n; k++)
		ospf_candidate_add(l, &more.list[k]);
	free(more.list);
}
