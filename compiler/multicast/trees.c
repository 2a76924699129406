/* SPDX-License-Identifier: Apache-2.0 */
/* Trees: joins from those who listen, hop by hop, towards a source or an RP. */
#include "compiler/multicast/trees.h"

#include <stdlib.h>

/* --- a tree ----------------------------------------------------------------------------------- */

struct mc_entry *
mc_entry_find(const struct mc_tree *tree, const struct mc_table *at)
{
	for (size_t k = 0; k < tree->n; k++)
		if (tree->entries[k].at == at)
			return &tree->entries[k];
	return NULL;
}

static struct mc_entry *
entry_get(struct mc_tree *tree, struct mc_table *at)
{
	struct mc_entry *e = mc_entry_find(tree, at);

	if (e)
		return e;
	x_grow(&tree->entries, &tree->capacity, tree->n + 1, sizeof(*tree->entries));
	e = &tree->entries[tree->n++];
	*e = (struct mc_entry){.at = at, .since = MSEC_NEVER};
	return e;
}

static void
oif_add(struct mc_entry *e, struct mc_iface *i, bool joined, msec since)
{
	struct mc_oif *o = NULL;

	for (size_t k = 0; k < e->n_oifs && !o; k++)
		if (e->oifs[k].iface == i)
			o = &e->oifs[k];
	if (!o) {
		x_grow(&e->oifs, &e->capacity, e->n_oifs + 1, sizeof(*e->oifs));
		o = &e->oifs[e->n_oifs++];
		*o = (struct mc_oif){.iface = i, .since = since};
	}
	o->joined = o->joined || joined;
	o->local = o->local || !joined;
	o->since = since < o->since ? since : o->since;
	e->since = since < e->since ? since : e->since;
}

void
mc_tree_fini(struct mc_tree *tree)
{
	for (size_t k = 0; k < tree->n; k++)
		free(tree->entries[k].oifs);
	free(tree->entries);
	tree->entries = NULL;
	tree->n = tree->capacity = 0;
}

/* --- joins ------------------------------------------------------------------------------------ */

bool
mc_first_hop(const struct mc_table *t, uint32_t source)
{
	struct mc_rpf rpf = mc_rpf(t, source);

	return rpf.iface && (rpf.own || rpf.connected);
}

static bool
lacks_way(struct mc_walk *w, enum multicast_lack lack, const struct mc_table *at,
          const struct mc_rpf *rpf)
{
	w->verdict = (struct multicast_verdict){.lack = lack,
	                                        .node = at->node->number,
	                                        .addr = w->to,
	                                        .next = rpf->connected ? w->to : rpf->next,
	                                        .interface = rpf->iface ? rpf->iface->name : NULL};
	return false;
}

static bool
takes_dense(const struct mc_iface *i)
{
	return i->conf->multicast->pim != PIM_SPARSE;
}

/* The interface upstream that hears the joins of this one; NULL, and said why, when nobody does. */
static struct mc_iface *
upstream_of(struct mc_walk *w, const struct mc_table *at, const struct mc_rpf *rpf)
{
	const struct mc_neighbor *n;
	struct mc_iface *up;
	uint32_t rp;

	if (!rpf->iface) {
		lacks_way(w, w->by_source ? MULTICAST_RPF : MULTICAST_RP_LOST, at, rpf);
		return NULL;
	}
	n = mc_neighbor_at(rpf->iface, rpf->connected ? w->to : rpf->next);
	up = n ? n->peer : NULL;
	if (!up || !mc_alive(up) || !mc_pim(up)) {
		lacks_way(w, rpf->connected ? MULTICAST_RP_NOBODY : MULTICAST_NO_NEIGHBOR, at, rpf);
		return NULL;
	}
	if (w->mode == MULTICAST_DENSE && !(takes_dense(up) && takes_dense(rpf->iface))) {
		lacks_way(w, MULTICAST_RPF, at, rpf);
		return NULL;
	}
	if (!w->by_source &&
	    (mc_mode(up->table, w->group, &rp) != MULTICAST_SPARSE || rp != w->to)) {
		lacks_way(w, rp ? MULTICAST_RP_OTHER : MULTICAST_NO_RP, up->table, rpf);
		return NULL;
	}
	w->since = n->since > w->since ? n->since : w->since;
	return up;
}

/* What it does for packets from there; the source's side goes before the RP's. */
static void
entry_set(struct mc_tree *tree, struct mc_table *at, const struct mc_rpf *rpf, bool by_source)
{
	struct mc_entry *e = entry_get(tree, at);

	if (e->rpf.iface && e->by_source && !by_source)
		return;
	e->rpf = *rpf;
	e->by_source = by_source;
}

/* Has the walk come to where packets of the source are anyway? */
static bool
meets_source(const struct mc_walk *w, struct mc_table *at)
{
	const struct mc_entry *e = w->tree ? mc_entry_find(w->tree, at) : NULL;
	struct mc_rpf rpf;

	if (w->by_source || !w->source)
		return false;
	if (e && e->by_source && e->rpf.iface)
		return true;
	if (!mc_first_hop(at, w->source))
		return false;
	rpf = mc_rpf(at, w->source);
	if (w->tree)
		entry_set(w->tree, at, &rpf, true);
	return true;
}

bool
mc_walk(struct mc_walk *w, struct mc_table *at)
{
	w->met = false;
	for (unsigned hops = 0; hops < MC_HOPS_MAX; hops++) {
		struct mc_rpf rpf = mc_rpf(at, w->to);
		struct mc_iface *up;

		w->end = at;
		if (meets_source(w, at)) {
			w->met = true;
			return true;
		}
		if (w->tree)
			entry_set(w->tree, at, &rpf, w->by_source);
		if (rpf.own)
			return rpf.iface || lacks_way(w, MULTICAST_RPF, at, &rpf);
		if (w->by_source && rpf.iface && rpf.connected)
			return true;
		up = upstream_of(w, at, &rpf);
		if (!up)
			return false;
		if (w->tree)
			oif_add(entry_get(w->tree, up->table), up, true, w->since);
		at = up->table;
	}
	w->verdict = (struct multicast_verdict){
	    .lack = MULTICAST_LOOP, .node = at->node->number, .addr = w->to};
	return false;
}

/* --- who serves listeners --------------------------------------------------------------------- */

/* The first router behind the source tells the RP of it: by unicast, as everything goes. */
static enum multicast_lack
tell_rp(struct multicast *m, uint32_t source, uint32_t group, struct mc_table *rp_table,
        uint32_t rp)
{
	enum multicast_lack lack = MULTICAST_NO_FIRST;

	for (size_t k = 0; k < m->n_nodes; k++)
		for (struct mc_iface *i = m->nodes[k]->ifaces; i; i = i->next) {
			uint32_t known;
			struct mc_rpf rpf;

			if (!mc_on_network(i, source) || !mc_is_dr(i))
				continue;
			rpf = mc_rpf(i->table, source);
			if (rpf.iface != i || !(rpf.own || rpf.connected))
				continue;
			lack = MULTICAST_NOT_TOLD;
			if (mc_mode(i->table, group, &known) == MULTICAST_SPARSE && known == rp &&
			    mc_follow(i->table, rp) == rp_table)
				return MULTICAST_FINE;
		}
	return lack;
}

/* Does the RP's tree bring the source's packets to this last router? */
static bool
shared_serves(struct mc_walk *w, struct mc_iface *last)
{
	struct mc_walk star = *w;
	enum multicast_lack lack;

	star.tree = NULL;
	star.by_source = false;
	star.to = w->rp;
	if (!mc_walk(&star, last->table)) {
		w->verdict = star.verdict;
		return false;
	}
	lack =
	    star.met ? MULTICAST_FINE : tell_rp(w->multicast, w->source, w->group, star.end, w->rp);
	if (lack != MULTICAST_FINE)
		w->verdict = (struct multicast_verdict){
		    .lack = lack, .node = star.end->node->number, .addr = w->rp};
	return lack == MULTICAST_FINE;
}

/* A walk towards the source, tried first without a trace. */
static bool
join_source(struct mc_walk *w, struct mc_table *at)
{
	struct mc_walk walk = *w;

	walk.tree = NULL;
	walk.by_source = true;
	walk.to = w->source;
	if (!mc_walk(&walk, at)) {
		w->verdict = walk.verdict;
		return false;
	}
	walk.tree = w->tree;
	walk.since = w->since;
	if (w->tree)
		mc_walk(&walk, at);
	return true;
}

/* By the RP, which joins the source's tree itself. */
static bool
join_shared(struct mc_walk *w, struct mc_table *at)
{
	struct mc_walk walk = *w;

	walk.tree = NULL;
	walk.by_source = false;
	walk.to = w->rp;
	if (!mc_walk(&walk, at) || (!walk.met && !join_source(w, walk.end)))
		return false;
	walk.tree = w->tree;
	walk.since = w->since;
	return !w->tree || mc_walk(&walk, at);
}

static bool
was_served(const struct mc_flow *f, const struct mc_iface *last)
{
	for (size_t k = 0; f && k < f->n_served; k++)
		if (f->served[k] == last)
			return true;
	return false;
}

bool
mc_serve(struct mc_walk *w, struct mc_iface *last, const struct mc_member *member,
         const struct mc_flow *flow)
{
	w->by_own_tree = false;
	w->since = member->since;
	w->mode = mc_mode(last->table, w->group, &w->rp);
	if (w->mode == MULTICAST_NONE && !member->source) {
		w->verdict =
		    (struct multicast_verdict){.lack = MULTICAST_NO_RP, .node = last->node->number};
		return false;
	}
	if (w->mode == MULTICAST_SPARSE && !member->source && !was_served(flow, last) &&
	    !shared_serves(w, last))
		return false;
	w->by_own_tree = join_source(w, last->table);
	return w->by_own_tree ||
	       (w->mode == MULTICAST_SPARSE && !member->source && join_shared(w, last->table));
}

/* --- asserts ---------------------------------------------------------------------------------- */

/* RFC 7761 4.6.3: distance, metric, and the higher address. */
static bool
asserts_better(const struct mc_entry *a, const struct mc_iface *i, const struct mc_entry *b,
               const struct mc_iface *k)
{
	if (a->rpf.distance != b->rpf.distance)
		return a->rpf.distance < b->rpf.distance;
	if (a->rpf.metric != b->rpf.metric)
		return a->rpf.metric < b->rpf.metric;
	return i->conf->addr > k->conf->addr;
}

/* Does another router put the same packets on the link of this one, and with the better right? */
static bool
is_beaten(const struct mc_tree *tree, const struct mc_entry *e, const struct mc_iface *i)
{
	for (size_t k = 0; i->segment && k < tree->n; k++) {
		const struct mc_entry *other = &tree->entries[k];

		for (size_t j = 0; other != e && j < other->n_oifs; j++) {
			const struct mc_iface *o = other->oifs[j].iface;

			if (o->segment == i->segment && o != other->rpf.iface &&
			    asserts_better(other, o, e, i))
				return true;
		}
	}
	return false;
}

static void
settle_asserts(struct mc_tree *tree)
{
	for (size_t k = 0; k < tree->n; k++)
		for (size_t j = tree->entries[k].n_oifs; j-- > 0;) {
			struct mc_entry *e = &tree->entries[k];

			if (e->oifs[j].iface != e->rpf.iface &&
			    is_beaten(tree, e, e->oifs[j].iface))
				e->oifs[j] = e->oifs[--e->n_oifs];
		}
}

/* --- all of a tree ---------------------------------------------------------------------------- */

/* Is this the router that answers for the listeners of its link? */
static const struct mc_member *
serves_listeners(const struct mc_iface *i, uint32_t source, uint32_t group)
{
	const struct mc_member *member = mc_listener(i, source, group);

	return member && mc_is_dr(i) ? member : NULL;
}

static void
flow_build(struct multicast *m, struct mc_flow *f)
{
	struct mc_walk w = {
	    .multicast = m, .source = f->source, .group = f->group, .tree = &f->tree};
	struct mc_iface **served = NULL;
	size_t n = 0, capacity = 0;

	mc_tree_fini(&f->tree);
	for (size_t k = 0; k < m->n_nodes; k++)
		for (struct mc_iface *i = m->nodes[k]->ifaces; i; i = i->next) {
			const struct mc_member *member = serves_listeners(i, f->source, f->group);

			if (!member || !mc_serve(&w, i, member, f))
				continue;
			oif_add(entry_get(&f->tree, i->table), i, false, member->since);
			if (!w.by_own_tree)
				continue;
			x_grow(&served, &capacity, n + 1, sizeof(struct mc_iface *));
			served[n++] = i;
		}
	settle_asserts(&f->tree);
	free(f->served);
	f->served = served;
	f->n_served = n;
}

const struct mc_tree *
mc_flow_tree(struct multicast *m, struct mc_flow *f)
{
	uint64_t routes = m->env.version ? m->env.version(m->env.arg) : 0;

	if (!f->fresh || f->seen != m->generation || f->routes != routes) {
		flow_build(m, f);
		f->fresh = true;
		f->seen = m->generation;
		f->routes = routes;
	}
	return &f->tree;
}

void
mc_tree_shared(struct multicast *m, uint32_t group, struct mc_tree *ret)
{
	*ret = (struct mc_tree){.group = group};
	for (size_t k = 0; k < m->n_nodes; k++)
		for (struct mc_iface *i = m->nodes[k]->ifaces; i; i = i->next) {
			const struct mc_member *member = serves_listeners(i, 0, group);
			struct mc_walk w = {.multicast = m, .group = group, .tree = ret};

			if (!member)
				continue;
			oif_add(entry_get(ret, i->table), i, false, member->since);
			w.since = member->since;
			w.mode = mc_mode(i->table, group, &w.rp);
			w.to = w.rp;
			if (w.mode == MULTICAST_SPARSE)
				mc_walk(&w, i->table);
		}
}

/* --- why not ---------------------------------------------------------------------------------- */

/* The router that answers for the link of an interface; NULL: none. */
static struct mc_iface *
last_router(struct multicast *m, struct mc_iface *i)
{
	struct mc_iface *self = i, **all = &self;
	size_t n = 1;

	if (i->segment)
		all = mc_segment(m, i, &n);
	for (size_t k = 0; k < n; k++)
		if (mc_is_dr(all[k]))
			return all[k];
	return NULL;
}

struct multicast_verdict
multicast_explain(struct multicast *m, size_t node, const char *interface, uint32_t source,
                  uint32_t group)
{
	struct mc_iface *i = mc_iface_find(m->nodes[node], interface), *last;
	const struct mc_member anybody = {.since = 0};
	struct mc_walk w = {.multicast = m, .source = source, .group = group};

	if (i && i->conf && i->conf->has_address &&
	    ((i->conf->addr ^ source) & prefix_mask(i->conf->len)) == 0)
		return w.verdict; /* on one link */
	last = i ? last_router(m, i) : NULL;
	if (!last)
		return (struct multicast_verdict){
		    .lack = MULTICAST_NO_ROUTER, .node = node, .interface = interface};
	if (mc_serve(&w, last, &anybody, NULL))
		w.verdict.lack = MULTICAST_FINE;
	return w.verdict;
}
