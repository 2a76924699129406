/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the databases to the routes of a process: within its areas, between them by border routers
 * (RFC 2328 12.4.3, 16.2; RFC 3509 for who is one), and what lies outside.
 */
#include "compiler/routing/ospf_priv.h"

#include <stdlib.h>

#define PATHS_DEFAULT 4

/* --- within ----------------------------------------------------------------------------------- */

static uint8_t
paths_of(const struct ospf_proc *p)
{
	uint8_t n = p->conf->maximum_paths;

	return n == 0 ? PATHS_DEFAULT : n > ROUTING_PATHS_MAX ? ROUTING_PATHS_MAX : n;
}

static void
trees_make(struct ospf_trees *t, const struct ospf_member *m, struct ospf_pool *pool)
{
	t->trees = x_alloc((m->n_areas + 1) * sizeof(*t->trees));
	t->pool = pool;
	t->paths = paths_of(m->proc);
	t->strict = m->proc->conf->strict_paths;
	for (size_t k = 0; k < m->n_areas; k++)
		ospf_tree_make(&t->trees[k], m->areas[k].graph, m->areas[k].vertex, pool, t->paths);
}

static void
trees_fini(struct ospf_trees *t, const struct ospf_member *m)
{
	for (size_t k = 0; k < m->n_areas; k++)
		ospf_tree_fini(&t->trees[k]);
	free(t->trees);
}

/* Is it on a link of the root itself? */
static bool
is_own(const struct ospf_place *p, const struct ospf_pool *pool)
{
	for (uint8_t k = 0; k < p->n_hops; k++)
		if (pool->hops[p->hops + k].via)
			return false;
	return true;
}

/* Who tells of a vertex: of a network its designated router. */
static uint32_t
teller_of(const struct ospf_graph *g, uint32_t vertex)
{
	const struct ospf_vertex *v = &g->vertices[vertex];

	return v->proc ? v->proc->router_id : v->network->ospf.proc->router_id;
}

static void
area_add(struct ospf_list *l, const struct ospf_trees *t, size_t nth)
{
	const struct ospf_tree *tree = &t->trees[nth];

	for (size_t k = 0; k < tree->graph->n_stubs; k++) {
		const struct ospf_stub *s = &tree->graph->stubs[k];
		const struct ospf_place *p = &tree->places[s->vertex];

		if (p->dist != OSPF_INFINITY)
			ospf_candidate_add(
			    l, &(struct ospf_candidate){.to = s->to,
			                                .rank = OSPF_INTRA,
			                                .cost = p->dist + s->cost,
			                                .area = tree->graph->area,
			                                .from = teller_of(tree->graph, s->vertex),
			                                .hops = p->hops,
			                                .n_hops = p->n_hops,
			                                .own = is_own(p, t->pool)});
	}
}

/* Whoever tells external routes is a destination in areas that carry them. */
static void
routers_add(struct ospf_list *l, const struct ospf_net *net, const struct ospf_member *m,
            const struct ospf_trees *t)
{
	for (size_t k = 0; k < net->n_externals; k++) {
		const struct ospf_member *z = &net->members[net->externals[k]];

		for (size_t i = 0; z != m && i < m->n_areas; i++)
			for (size_t j = 0; j < z->n_areas; j++) {
				const struct ospf_place *p;

				if (z->areas[j].graph != m->areas[i].graph || m->areas[i].stub ||
				    m->areas[i].nssa)
					continue;
				p = &t->trees[i].places[z->areas[j].vertex];
				if (p->dist != OSPF_INFINITY)
					ospf_candidate_add(
					    l, &(struct ospf_candidate){
						   .to = {net->externals[k], OSPF_ROUTER},
						   .rank = OSPF_INTRA,
						   .cost = p->dist,
						   .area = m->areas[i].graph->area,
						   .hops = p->hops,
						   .n_hops = p->n_hops});
			}
	}
}

static void
intra_add(struct ospf_list *l, const struct ospf_net *net, const struct ospf_member *m,
          const struct ospf_trees *t)
{
	for (size_t k = 0; k < m->n_areas; k++)
		area_add(l, t, k);
	routers_add(l, net, m, t);
}

/* --- border routers --------------------------------------------------------------------------- */

static const struct policy_ospf_range *
range_of(const struct ospf_member *m, const struct ospf_candidate *c)
{
	const struct policy_ospf_area *conf = ospf_area_find(m->proc, c->area);
	const struct policy_ospf_range *best = NULL;

	for (size_t k = 0; conf && c->to.len <= 32 && k < conf->n_ranges; k++) {
		const struct policy_ospf_range *r = &conf->ranges[k];

		if (r->prefix.len <= c->to.len && prefix_contains(r->prefix, c->to.addr) &&
		    (!best || r->prefix.len > best->prefix.len))
			best = r;
	}
	return best;
}

/*
 * RFC 2328 12.4.3: a range stands for what is within, at the largest cost of it. What it hides is
 * there all the same: what others tell of it is no better.
 */
static void
ranges_apply(struct ospf_list *l, const struct ospf_member *m)
{
	struct ospf_list ranges = {.n = 0};
	size_t kept = 0;

	for (size_t k = 0; k < l->n; k++) {
		const struct policy_ospf_range *r = range_of(m, &l->list[k]);
		struct ospf_candidate c = l->list[k];
		size_t at = 0;

		if (!r) {
			l->list[kept++] = c;
			continue;
		}
		if (c.to.len != r->prefix.len) {
			l->list[kept] = c;
			l->list[kept++].hidden = true;
		}
		if (!r->advertise)
			continue;
		while (at < ranges.n &&
		       (ranges.list[at].to.addr != r->prefix.addr ||
		        ranges.list[at].to.len != r->prefix.len || ranges.list[at].area != c.area))
			at++;
		c.to = r->prefix;
		c.cost = r->cost ? r->cost : c.cost;
		c.drop = true;
		c.own = false;
		if (at == ranges.n)
			ospf_candidate_add(&ranges, &c);
		else if (c.cost > ranges.list[at].cost)
			ranges.list[at].cost = c.cost;
	}
	l->n = kept;
	for (size_t k = 0; k < ranges.n; k++)
		ospf_candidate_add(l, &ranges.list[k]);
	free(ranges.list);
}

static void
border_intra(struct ospf_net *net, struct ospf_member *m)
{
	struct ospf_pool pool = {.n = 0};
	struct ospf_trees t;

	if (m->has_intra)
		return;
	m->has_intra = true;
	trees_make(&t, m, &pool);
	intra_add(&m->intra, net, m, &t);
	ospf_pick(&m->intra, &t);
	ranges_apply(&m->intra, m);
	ospf_pick(&m->intra, &t);
	trees_fini(&t, m);
	free(pool.hops);
}

static const struct ospf_attachment *
attachment_in(const struct ospf_member *m, const struct ospf_graph *g)
{
	for (size_t k = 0; k < m->n_areas; k++)
		if (m->areas[k].graph == g && m->areas[k].active)
			return &m->areas[k];
	return NULL;
}

/*
 * What border router y tells an area of what is elsewhere, on the way to it. Before it is known
 * what y heard over the backbone it may tell the backbone of routers to which another is nearer:
 * those who hear both believe that one.
 */
static void
summaries_add(struct ospf_list *l, const struct ospf_member *y, const struct ospf_attachment *at,
              const struct ospf_list *told, const struct ospf_place *p, bool inter)
{
	const uint32_t area = at->graph->area;

	for (size_t k = 0; k < told->n; k++) {
		const struct ospf_candidate *c = &told->list[k];

		if (c->hidden || (!inter && c->area == area) || (inter && area == 0))
			continue;
		if (c->to.len == OSPF_ROUTER && (at->stub || at->nssa))
			continue;
		if (c->to.len == OSPF_ROUTER && c->to.addr == y->proc->index)
			continue;
		if (c->to.len == OSPF_ROUTER && !inter && ospf_lookup(&y->inter, c->to))
			continue; /* 12.4.3: the way that it prefers is told */
		ospf_candidate_add(l, &(struct ospf_candidate){.to = c->to,
		                                               .rank = OSPF_INTER,
		                                               .cost = p->dist + c->cost,
		                                               .area = area,
		                                               .from = y->proc->router_id,
		                                               .hops = p->hops,
		                                               .n_hops = p->n_hops});
	}
}

/* RFC 2328 12.4.3.1: a stub area's way to all that it is not told of. */
static void
stub_default_add(struct ospf_list *l, const struct ospf_member *y, const struct ospf_attachment *at,
                 const struct ospf_place *p)
{
	if (at->stub || (at->nssa && at->no_summary))
		ospf_candidate_add(l, &(struct ospf_candidate){.rank = OSPF_INTER,
		                                               .cost = p->dist + at->default_cost,
		                                               .area = at->graph->area,
		                                               .from = y->proc->router_id,
		                                               .hops = p->hops,
		                                               .n_hops = p->n_hops});
}

static void border_inter(struct ospf_net *net, struct ospf_member *m);

/* RFC 3509 2.1: does it see anybody there? */
static bool
has_backbone_connection(const struct ospf_member *m)
{
	for (size_t k = 0; k < m->n_areas; k++)
		if (m->areas[k].graph->area == 0 && m->areas[k].active &&
		    m->areas[k].graph->vertices[m->areas[k].vertex].n)
			return true;
	return false;
}

/* What border routers tell it of what is elsewhere; the backbone's alone, or all areas'. */
static void
inter_add(struct ospf_list *l, struct ospf_net *net, const struct ospf_member *m,
          const struct ospf_trees *t, bool backbone_only)
{
	for (size_t k = 0; k < net->n_borders; k++) {
		struct ospf_member *y = &net->members[net->borders[k]];

		for (size_t i = 0; y != m && i < m->n_areas; i++) {
			const struct ospf_attachment *at;
			const struct ospf_place *p;

			at = attachment_in(y, m->areas[i].graph);
			if (!at || (backbone_only && at->graph->area != 0))
				continue;
			p = &t->trees[i].places[at->vertex];
			if (p->dist == OSPF_INFINITY)
				continue;
			if (!m->border) /* two border routers would send to each other */
				stub_default_add(l, y, at, p);
			if (at->no_summary)
				continue;
			border_intra(net, y);
			if (at->graph->area != 0)
				border_inter(net, y);
			summaries_add(l, y, at, &y->intra, p, false);
			summaries_add(l, y, at, &y->inter, p, true);
		}
	}
}

/* Is what was picked news of the backbone, rather than something of its own areas? */
static bool
is_heard(const struct ospf_member *m, const struct ospf_candidate *c)
{
	return c->to.len == OSPF_ROUTER ? c->rank == OSPF_INTER : !ospf_lookup(&m->intra, c->to);
}

/* What it heard over the backbone and has not itself; of routers, where that is the better way. */
static void
border_inter(struct ospf_net *net, struct ospf_member *m)
{
	struct ospf_pool pool = {.n = 0};
	struct ospf_trees t;
	size_t kept = 0;

	if (m->has_inter)
		return;
	m->has_inter = true;
	border_intra(net, m);
	trees_make(&t, m, &pool);
	inter_add(&m->inter, net, m, &t, true);
	routers_add(&m->inter, net, m, &t);
	ospf_pick(&m->inter, &t);
	for (size_t k = 0; k < m->inter.n; k++)
		if (is_heard(m, &m->inter.list[k]))
			m->inter.list[kept++] = m->inter.list[k];
	m->inter.n = kept;
	trees_fini(&t, m);
	free(pool.hops);
}

static void
told_count(const struct ospf_list *told, size_t *ret_networks, size_t *ret_routers)
{
	for (size_t k = 0; k < told->n; k++)
		if (told->list[k].to.len == OSPF_ROUTER)
			++*ret_routers;
		else
			++*ret_networks;
}

void
ospf_summaries_count(struct ospf_net *net, const struct ospf_member *m, size_t nth,
                     size_t *ret_networks, size_t *ret_routers)
{
	const struct ospf_graph *g = m->areas[nth].graph;

	for (size_t k = 0; k < net->n_borders; k++) {
		struct ospf_member *y = &net->members[net->borders[k]];
		const struct ospf_attachment *at = attachment_in(y, g);
		const struct ospf_place here = {.dist = 0};
		struct ospf_list told = {.n = 0};

		if (!at || y->proc->island != m->proc->island)
			continue;
		stub_default_add(&told, y, at, &here);
		border_inter(net, y);
		if (!at->no_summary) {
			summaries_add(&told, y, at, &y->intra, &here, false);
			summaries_add(&told, y, at, &y->inter, &here, true);
		}
		told_count(&told, ret_networks, ret_routers);
		free(told.list);
	}
}

/* --- a process's routes ----------------------------------------------------------------------- */

static enum routing_kind
kind_of(const struct ospf_candidate *c)
{
	switch (c->rank) {
	case OSPF_INTRA:
		return ROUTING_KIND_OSPF_INTRA;
	case OSPF_INTER:
		return ROUTING_KIND_OSPF_INTER;
	case OSPF_TYPE1:
		return c->nssa ? ROUTING_KIND_OSPF_N1 : ROUTING_KIND_OSPF_E1;
	case OSPF_TYPE2:
		break;
	}
	return c->nssa ? ROUTING_KIND_OSPF_N2 : ROUTING_KIND_OSPF_E2;
}

static void
routes_take(struct ospf_routes *ret, const struct ospf_list *l)
{
	for (size_t k = 0; k < l->n; k++) {
		const struct ospf_candidate *c = &l->list[k];

		if (c->to.len == OSPF_ROUTER)
			continue;
		x_grow(&ret->list, &ret->capacity, ret->n + 1, sizeof(*ret->list));
		ret->list[ret->n++] =
		    (struct ospf_route){.to = c->to,
		                        .kind = kind_of(c),
		                        .metric = c->rank == OSPF_TYPE2 ? c->metric : c->cost,
		                        .cost = c->cost,
		                        .area = c->area,
		                        .tag = c->tag,
		                        .from = c->from,
		                        .hops = c->hops,
		                        .n_hops = c->n_hops,
		                        .own = c->own};
	}
}

/* A border router drops what its ranges stand for and nothing leads to. */
static void
drops_add(struct ospf_list *l, struct ospf_net *net, struct ospf_member *m)
{
	border_intra(net, m);
	for (size_t k = 0; k < m->intra.n; k++)
		if (m->intra.list[k].drop && !ospf_lookup(l, m->intra.list[k].to)) {
			struct ospf_candidate c = m->intra.list[k];

			c.n_hops = 0;
			ospf_candidate_add(l, &c);
		}
}

/* RFC 2328 16.2 (3): what equals a range of its own that stands for something is not believed. */
static void
ranges_prevail(struct ospf_list *l, struct ospf_net *net, struct ospf_member *m)
{
	size_t kept = 0;

	border_intra(net, m);
	for (size_t k = 0; k < l->n; k++) {
		const struct ospf_candidate *own =
		    l->list[k].rank == OSPF_INTER ? ospf_lookup(&m->intra, l->list[k].to) : NULL;

		if (!own || !own->drop)
			l->list[kept++] = l->list[k];
	}
	l->n = kept;
}

void
ospf_routes_make(struct ospf_net *net, struct ospf_proc *p, struct ospf_routes *ret)
{
	struct ospf_member *m = &net->members[p->index];
	struct ospf_pool pool = {.n = 0};
	struct ospf_list l = {.n = 0};
	struct ospf_trees t;

	trees_make(&t, m, &pool);
	intra_add(&l, net, m, &t);
	/* RFC 3509 2.2 (2): a border router believes the backbone alone, if it hears it. */
	inter_add(&l, net, m, &t, m->border && has_backbone_connection(m));
	if (m->border)
		ranges_prevail(&l, net, m);
	ospf_pick(&l, &t);
	if (m->border)
		drops_add(&l, net, m);
	ospf_externals_add(net, m, &t, &l);
	ospf_pick(&l, &t);
	*ret = (struct ospf_routes){.hops = pool.hops, .n_hops = pool.n};
	routes_take(ret, &l);
	trees_fini(&t, m);
	free(l.list);
}

void
ospf_routes_fini(struct ospf_routes *routes)
{
	free(routes->list);
	free(routes->hops);
}

/* --- all of it -------------------------------------------------------------------------------- */

static bool
is_border(const struct ospf_member *m)
{
	size_t active = 0;
	bool backbone = false;

	for (size_t k = 0; k < m->n_areas; k++) {
		active += m->areas[k].active;
		backbone = backbone || (m->areas[k].active && m->areas[k].graph->area == 0);
	}
	return active > 1 && backbone;
}

static void
members_make(struct ospf_net *net)
{
	const struct routing *r = net->routing;
	size_t n = 0;

	for (size_t k = 0; k < r->n_nodes; k++)
		n += r->nodes[k]->n_ospf;
	net->members = x_alloc((n + 1) * sizeof(*net->members));
	net->borders = x_alloc((n + 1) * sizeof(*net->borders));
	net->externals = x_alloc((n + 1) * sizeof(*net->externals));
	for (size_t k = 0; k < r->n_nodes; k++)
		for (size_t i = 0; i < r->nodes[k]->n_ospf; i++) {
			struct ospf_proc *p = r->nodes[k]->ospf[i];

			p->index = net->n_members;
			p->island = (uint32_t)p->index;
			net->members[net->n_members++].proc = p;
		}
}

struct ospf_net *
ospf_net_new(struct routing *r)
{
	struct ospf_net *net = x_alloc(sizeof(*net));

	net->routing = r;
	members_make(net);
	ospf_graphs_make(net);
	for (uint32_t k = 0; k < net->n_members; k++) {
		struct ospf_member *m = &net->members[k];

		m->border = is_border(m);
		m->external = ospf_is_fed(m->proc);
		if (m->border)
			net->borders[net->n_borders++] = k;
		if (m->external)
			net->externals[net->n_externals++] = k;
	}
	return net;
}

void
ospf_net_free(struct ospf_net *net)
{
	if (!net)
		return;
	for (size_t k = 0; k < net->n_members; k++) {
		free(net->members[k].areas);
		free(net->members[k].externals);
		free(net->members[k].intra.list);
		free(net->members[k].inter.list);
	}
	for (size_t k = 0; k < net->n_graphs; k++)
		ospf_graph_free(net->graphs[k]);
	free(net->graphs);
	free(net->members);
	free(net->borders);
	free(net->externals);
	free(net);
}
