/* SPDX-License-Identifier: Apache-2.0 */
/* What a node shows of its multicast: multicast_state.h. */
#include "compiler/multicast/trees.h"

#include <stdio.h>
#include <stdlib.h>

#define JOIN_INTERVAL SECONDS(60) /* joins and reports come again so often */
#define JOIN_HOLD     SECONDS(210)
#define FLAGS_MAX     12

/* --- counting --------------------------------------------------------------------------------- */

static size_t
count_ifaces(const struct mc_table *t)
{
	size_t n = 0;

	for (const struct mc_iface *i = t->node->ifaces; i; i = i->next)
		n += i->table == t && mc_pim(i);
	return n;
}

static int
by_place(const void *a, const void *b)
{
	const struct mc_iface *x = *(struct mc_iface *const *)a, *y = *(struct mc_iface *const *)b;

	/* as configured: they stand in one array of the policy */
	return x->conf < y->conf ? -1 : x->conf > y->conf;
}

/* The table's interfaces with PIM, in the order of the policy. */
static struct mc_iface **
list_ifaces(const struct mc_table *t, struct arena *a, size_t *ret_n)
{
	struct mc_iface **list = arena_alloc(a, count_ifaces(t) * sizeof(struct mc_iface *));

	*ret_n = 0;
	for (struct mc_iface *i = t->node->ifaces; i; i = i->next)
		if (i->table == t && mc_pim(i))
			list[(*ret_n)++] = i;
	if (*ret_n)
		qsort(list, *ret_n, sizeof(struct mc_iface *), by_place);
	return list;
}

/* --- PIM and IGMP ----------------------------------------------------------------------------- */

static size_t
count_up(const struct mc_iface *i)
{
	size_t n = 0;

	for (size_t k = 0; k < i->n_neighbors; k++)
		n += i->neighbors[k].up && i->neighbors[k].peer->conf;
	return n;
}

static void
show_interfaces(struct multicast_table_state *s, struct mc_iface **all, size_t n, struct arena *a)
{
	struct multicast_pim_interface *list = arena_alloc(a, n * sizeof(*list));

	for (size_t k = 0; k < n; k++) {
		const struct policy_multicast_interface *conf = all[k]->conf->multicast;
		bool up = mc_alive(all[k]);

		list[k] = (struct multicast_pim_interface){
		    .name = arena_strdup(a, all[k]->name),
		    .addr = all[k]->conf->addr,
		    .mode = conf->pim,
		    .up = up,
		    .n_neighbors = count_up(all[k]),
		    .query_interval = conf->query_interval,
		    .priority = conf->dr_priority,
		    .dr = up ? mc_dr(all[k]) : 0,
		};
	}
	s->n_interfaces = n;
	s->interfaces = list;
}

static void
show_neighbors(const struct multicast *m, struct multicast_table_state *s, struct mc_iface **all,
               size_t n, struct arena *a)
{
	struct multicast_neighbor *list;
	size_t most = 0;

	for (size_t k = 0; k < n; k++)
		most += count_up(all[k]);
	list = arena_alloc(a, most * sizeof(*list));
	for (size_t k = 0; k < n; k++)
		for (size_t j = 0; j < all[k]->n_neighbors; j++) {
			const struct mc_neighbor *v = &all[k]->neighbors[j];
			const struct policy_interface *conf = v->peer->conf;
			msec hello, hold;

			if (!v->up || !conf)
				continue;
			hello = SECONDS(conf->multicast ? conf->multicast->query_interval : 30);
			hold = hello * 7 / 2;
			list[s->n_neighbors++] = (struct multicast_neighbor){
			    .interface = arena_strdup(a, all[k]->name),
			    .addr = conf->addr,
			    .priority = conf->multicast ? conf->multicast->dr_priority : 1,
			    .up = m->now - v->since,
			    .expires = v->due == MSEC_NEVER ? hold - (m->now - v->since) % hello
			                                    : v->due - m->now,
			    .dr = mc_dr(all[k]) == conf->addr,
			};
		}
	s->neighbors = list;
}

static msec
member_expires(const struct multicast *m, const struct mc_member *member)
{
	return member->due == MSEC_NEVER
	           ? MC_IGMP_SILENCE - (m->now - member->since) % JOIN_INTERVAL
	           : member->due - m->now;
}

/* One line for a group of an interface: who joined first, and who has reported last. */
static void
group_add(const struct multicast *m, struct multicast_igmp_group *list, size_t first, size_t *n,
          const struct mc_iface *i, const struct mc_member *member, struct arena *a)
{
	struct multicast_igmp_group *g = NULL;
	msec up = m->now - member->since;

	for (size_t k = first; k < *n && !g; k++)
		if (list[k].group == member->group && list[k].source == member->source)
			g = &list[k];
	if (!g) {
		g = &list[(*n)++];
		*g = (struct multicast_igmp_group){.interface = arena_strdup(a, i->name),
		                                   .group = member->group,
		                                   .source = member->source,
		                                   .up = up};
	}
	g->up = up > g->up ? up : g->up;
	g->expires = member_expires(m, member);
	g->reporter = member->by->conf ? member->by->conf->addr : 0;
}

static void
show_groups(const struct multicast *m, struct multicast_table_state *s, struct mc_iface **all,
            size_t n, struct arena *a)
{
	struct multicast_igmp_group *list;
	size_t most = 0;

	for (size_t k = 0; k < n; k++)
		most += all[k]->n_members + all[k]->conf->multicast->n_statics;
	list = arena_alloc(a, most * sizeof(*list));
	for (size_t k = 0; k < n; k++) {
		const struct policy_multicast_interface *conf = all[k]->conf->multicast;
		size_t first = s->n_groups;

		for (size_t j = 0; j < all[k]->n_members; j++)
			group_add(m, list, first, &s->n_groups, all[k], &all[k]->members[j], a);
		for (size_t j = 0; j < conf->n_statics && mc_alive(all[k]); j++)
			list[s->n_groups++] = (struct multicast_igmp_group){
			    .interface = arena_strdup(a, all[k]->name),
			    .group = conf->statics[j].group,
			    .source = conf->statics[j].source,
			    .up = m->now,
			    .expires = -1};
	}
	s->groups = list;
}

/* The lowest address asks. */
static uint32_t
querier_of(const struct mc_iface *i)
{
	uint32_t lowest = i->conf->addr;

	for (size_t k = 0; k < i->n_neighbors; k++)
		if (i->neighbors[k].up && i->neighbors[k].peer->conf &&
		    i->neighbors[k].peer->conf->addr < lowest)
			lowest = i->neighbors[k].peer->conf->addr;
	return lowest;
}

static void
show_igmp(struct multicast_table_state *s, struct mc_iface **all, size_t n, struct arena *a)
{
	struct multicast_igmp_interface *list = arena_alloc(a, n * sizeof(*list));

	for (size_t k = 0; k < n; k++) {
		const struct mc_iface *i = all[k];
		const struct policy_multicast_interface *conf = i->conf->multicast;
		size_t n_joins = conf->n_joins + i->n_listens;
		uint32_t *joins = arena_alloc(a, n_joins * sizeof(*joins));

		for (size_t j = 0; j < conf->n_joins; j++)
			joins[j] = conf->joins[j].group;
		for (size_t j = 0; j < i->n_listens; j++)
			joins[conf->n_joins + j] = i->listens[j];
		list[k] = (struct multicast_igmp_interface){.name = arena_strdup(a, i->name),
		                                            .addr = i->conf->addr,
		                                            .len = i->conf->len,
		                                            .version = conf->igmp_version,
		                                            .up = mc_alive(i),
		                                            .pim = true,
		                                            .querier = querier_of(i),
		                                            .dr = mc_alive(i) ? mc_dr(i) : 0,
		                                            .n_groups = i->n_members,
		                                            .n_joins = n_joins,
		                                            .joins = joins};
	}
	s->n_igmp = n;
	s->igmp = list;
}

/* --- trees ------------------------------------------------------------------------------------ */

static msec
oif_expires(const struct multicast *m, const struct mc_oif *o)
{
	msec age = (m->now - o->since) % JOIN_INTERVAL;

	if (o->joined)
		return JOIN_HOLD - age;
	return MC_IGMP_SILENCE - age;
}

static void
show_oifs(const struct multicast *m, const struct mc_entry *e, struct multicast_mroute *ret,
          struct arena *a)
{
	struct multicast_oif *list = arena_alloc(a, e->n_oifs * sizeof(*list));

	for (size_t k = 0; k < e->n_oifs; k++) {
		const struct mc_oif *o = &e->oifs[k];

		if (o->iface == e->rpf.iface)
			continue;
		list[ret->n_out++] = (struct multicast_oif){.name = arena_strdup(a, o->iface->name),
		                                            .pim = o->iface->conf->multicast->pim,
		                                            .up = m->now - o->since,
		                                            .expires = oif_expires(m, o)};
	}
	ret->out = list;
}

static void
show_rpf(const struct mc_rpf *rpf, struct multicast_mroute *ret, struct arena *a)
{
	const struct mc_iface *i = rpf->iface;

	ret->in = i ? arena_strdup(a, i->name) : NULL;
	ret->rpf =
	    i && !rpf->own && !rpf->connected && mc_neighbor_at(i, rpf->next) ? rpf->next : 0;
}

static bool
listens_itself(const struct mc_table *t, uint32_t source, uint32_t group)
{
	for (const struct mc_iface *i = t->node->ifaces; i; i = i->next)
		if (i->table == t && mc_listens(i, source, group))
			return true;
	return false;
}

static bool
has_local(const struct mc_entry *e)
{
	for (size_t k = 0; e && k < e->n_oifs; k++)
		if (e->oifs[k].local)
			return true;
	return false;
}

/* The letters whose condition holds, in IOS's order. */
static const char *
flags_make(struct arena *a, const char *letters, const bool *holds)
{
	char *flags = arena_alloc(a, FLAGS_MAX);
	size_t n = 0;

	for (size_t k = 0; letters[k]; k++)
		if (holds[k])
			flags[n++] = letters[k];
	return flags;
}

static bool
is_registering(const struct mc_table *t, const struct mc_rpf *rpf, enum multicast_mode mode,
               uint32_t rp)
{
	return mode == MULTICAST_SPARSE && rpf->iface && (rpf->own || rpf->connected) &&
	       mc_is_dr(rpf->iface) && !mc_rpf(t, rp).own;
}

/* Is a source of the group heard of here, and is this where it becomes known (*ret_first)? */
static bool
has_flow(const struct multicast *m, const struct mc_table *t, uint32_t group, bool *ret_first)
{
	bool found = false;

	*ret_first = false;
	for (size_t k = 0; k < m->n_flows; k++) {
		struct mc_flow *f = m->flows[k];
		bool first = f->group == group && mc_first_hop(t, f->source);

		if (f->group != group || !mc_flow_alive(m, f) ||
		    !(first || mc_entry_find(&f->tree, t)))
			continue;
		found = true;
		*ret_first = *ret_first || first;
	}
	return found;
}

/* (*, G). False: nothing is known of it here. */
static bool
show_shared(struct multicast *m, const struct mc_table *t, uint32_t group,
            struct multicast_mroute *ret, struct arena *a)
{
	struct mc_tree tree;
	const struct mc_entry *e;
	bool first, flow = has_flow(m, t, group, &first), dense, own;
	uint32_t rp;

	*ret =
	    (struct multicast_mroute){.group = group, .mode = mc_mode(t, group, &rp), .out = NULL};
	ret->rp = rp;
	own = listens_itself(t, 0, group);
	mc_tree_shared(m, group, &tree);
	e = mc_entry_find(&tree, t);
	if (ret->mode != MULTICAST_SSM && ret->mode != MULTICAST_NONE && (e || flow || own)) {
		struct mc_rpf rpf = {.iface = NULL};

		dense = ret->mode == MULTICAST_DENSE;
		if (!dense)
			rpf = mc_rpf(t, rp);
		if (rpf.own)
			rpf.iface = NULL;
		show_rpf(&rpf, ret, a);
		if (e)
			show_oifs(m, e, ret, a);
		ret->up = e && e->since != MSEC_NEVER ? m->now - e->since : 0;
		ret->expires = flow || !ret->n_out ? -1 : ret->out[0].expires;
		ret->flags =
		    flags_make(a, "DSJPCLF",
		               (bool[]){dense, !dense, !dense && has_local(e), !ret->n_out,
		                        has_local(e), own, !dense && first && !mc_rpf(t, rp).own});
	}
	mc_tree_fini(&tree);
	return ret->flags;
}

/* (S, G) */
static bool
show_source(struct multicast *m, struct mc_table *t, struct mc_flow *f,
            struct multicast_mroute *ret, struct arena *a)
{
	const struct mc_entry *e = mc_entry_find(mc_flow_tree(m, f), t);
	struct mc_rpf rpf = e ? e->rpf : mc_rpf(t, f->source);
	bool ssm, first = mc_first_hop(t, f->source);
	uint32_t rp;

	if (!mc_flow_alive(m, f) || (!e && !first))
		return false;
	*ret = (struct multicast_mroute){.source = f->source,
	                                 .group = f->group,
	                                 .mode = mc_mode(t, f->group, &rp),
	                                 .up = m->now - f->first,
	                                 .expires = MC_KEEPALIVE - (m->now - f->last)};
	ssm = ret->mode == MULTICAST_SSM;
	ret->registers = is_registering(t, &rpf, ret->mode, rp);
	show_rpf(&rpf, ret, a);
	if (e)
		show_oifs(m, e, ret, a);
	ret->flags = flags_make(
	    a, "sPLFJT",
	    (bool[]){ssm, !ret->n_out, listens_itself(t, f->source, f->group), ret->registers,
	             ret->mode == MULTICAST_SPARSE && has_local(e) && !first, !e || e->by_source});
	return true;
}

static int
by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Every group that somebody listens to or sends to, once. */
static uint32_t *
list_groups(const struct multicast *m, struct arena *a, size_t *ret_n)
{
	size_t most = m->n_flows, n = 0, kept = 0;
	uint32_t *list;

	for (size_t k = 0; k < m->n_nodes; k++)
		for (const struct mc_iface *i = m->nodes[k]->ifaces; i; i = i->next)
			most += i->n_members +
			        (i->conf && i->conf->multicast ? i->conf->multicast->n_statics : 0);
	list = arena_alloc(a, most * sizeof(*list));
	for (size_t k = 0; k < m->n_flows; k++)
		list[n++] = m->flows[k]->group;
	for (size_t k = 0; k < m->n_nodes; k++)
		for (const struct mc_iface *i = m->nodes[k]->ifaces; i; i = i->next) {
			for (size_t j = 0; j < i->n_members; j++)
				list[n++] = i->members[j].group;
			for (size_t j = 0;
			     i->conf && i->conf->multicast && j < i->conf->multicast->n_statics;
			     j++)
				list[n++] = i->conf->multicast->statics[j].group;
		}
	if (n)
		qsort(list, n, sizeof(*list), by_number);
	for (size_t k = 0; k < n; k++)
		if (!kept || list[kept - 1] != list[k])
			list[kept++] = list[k];
	*ret_n = kept;
	return list;
}

static void
show_mroutes(struct multicast *m, struct mc_table *t, struct multicast_table_state *s,
             struct arena *a)
{
	size_t n;
	uint32_t *groups = list_groups(m, a, &n);
	struct multicast_mroute *list = arena_alloc(a, (n + m->n_flows) * sizeof(*list));

	for (size_t k = 0; k < n; k++) {
		if (show_shared(m, t, groups[k], &list[s->n_mroutes], a))
			s->n_mroutes++;
		for (size_t j = 0; j < m->n_flows; j++)
			if (m->flows[j]->group == groups[k] &&
			    show_source(m, t, m->flows[j], &list[s->n_mroutes], a))
				s->n_mroutes++;
	}
	s->mroutes = list;
}

/* --- all of it -------------------------------------------------------------------------------- */

static void
show_table(struct multicast *m, struct mc_table *t, struct multicast_table_state *s,
           struct arena *a)
{
	size_t n;
	struct mc_iface **all = list_ifaces(t, a, &n);

	*s = (struct multicast_table_state){.vrf = t->conf->vrf, .conf = t->conf};
	show_interfaces(s, all, n, a);
	show_neighbors(m, s, all, n, a);
	show_groups(m, s, all, n, a);
	show_igmp(s, all, n, a);
	show_mroutes(m, t, s, a);
}

const struct multicast_state *
multicast_state(struct multicast *m, size_t node, struct arena *a)
{
	const struct mc_node *n = m->nodes[node];
	struct multicast_table_state *tables;
	struct multicast_state *s;
	size_t count = 0;

	for (struct mc_table *t = n->tables; t; t = t->next)
		count += mc_table_on(t);
	if (!count || !n->on)
		return NULL;
	s = arena_alloc(a, sizeof(*s));
	tables = arena_alloc(a, count * sizeof(*tables));
	for (struct mc_table *t = n->tables; t; t = t->next)
		if (mc_table_on(t))
			show_table(m, t, &tables[s->n++], a);
	s->tables = tables;
	return s;
}
