/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's nodes, interfaces and clock. See multicast.h. */
#include "compiler/multicast/multicast_priv.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/policy/vrf.h"

/* --- the engine ------------------------------------------------------------------------------- */

struct multicast *
multicast_new(const struct multicast_env *env)
{
	struct multicast *m = x_alloc(sizeof(*m));

	m->env = *env;
	m->generation = 1;
	return m;
}

static void
touch_all(struct multicast *m)
{
	m->generation++;
}

static void
iface_free(struct mc_iface *i)
{
	free(i->neighbors);
	free(i->members);
	free(i->listens);
	free(i->name);
	free(i);
}

static void
tables_free(struct mc_node *n)
{
	struct mc_table *t;

	while ((t = n->tables)) {
		n->tables = t->next;
		free(t->vrf);
		free(t);
	}
}

static void
node_free(struct mc_node *n)
{
	struct mc_iface *i;

	while ((i = n->ifaces)) {
		n->ifaces = i->next;
		iface_free(i);
	}
	tables_free(n);
	free(n);
}

static void
flow_free(struct mc_flow *f)
{
	mc_tree_fini(&f->tree);
	free(f->served);
	free(f);
}

void
multicast_free(struct multicast *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->n_flows; i++)
		flow_free(m->flows[i]);
	for (size_t i = 0; i < m->n_nodes; i++)
		node_free(m->nodes[i]);
	free(m->flows);
	free(m->nodes);
	free(m->ifaces);
	free(m);
}

size_t
multicast_node_add(struct multicast *m)
{
	struct mc_node *n = x_alloc(sizeof(*n));

	*n = (struct mc_node){.multicast = m, .number = m->n_nodes, .on = true};
	x_grow(&m->nodes, &m->nodes_capacity, m->n_nodes + 1, sizeof(struct mc_node *));
	m->nodes[m->n_nodes] = n;
	return m->n_nodes++;
}

/* --- finding ---------------------------------------------------------------------------------- */

struct mc_iface *
mc_iface_find(const struct mc_node *n, const char *name)
{
	struct mc_iface *i = n->ifaces;

	while (i && strcmp(i->name, name) != 0)
		i = i->next;
	return i;
}

struct mc_table *
mc_table_find(const struct mc_node *n, const char *vrf)
{
	struct mc_table *t = n->tables;

	while (t && !vrf_same(t->vrf, vrf))
		t = t->next;
	return t;
}

static struct mc_table *
table_get(struct mc_node *n, const char *vrf)
{
	struct mc_table *t = mc_table_find(n, vrf), **at = &n->tables;

	if (t)
		return t;
	while (*at)
		at = &(*at)->next;
	t = *at = x_alloc(sizeof(*t));
	t->node = n;
	t->vrf = vrf ? x_strdup(vrf) : NULL;
	return t;
}

static int
by_segment(const void *a, const void *b)
{
	const struct mc_iface *x = *(struct mc_iface *const *)a, *y = *(struct mc_iface *const *)b;

	if (x->segment != y->segment)
		return x->segment < y->segment ? -1 : 1;
	if (x->node != y->node)
		return x->node->number < y->node->number ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void
sort_ifaces(struct multicast *m)
{
	if (m->sorted)
		return;
	m->n_ifaces = 0;
	for (size_t k = 0; k < m->n_nodes; k++)
		for (struct mc_iface *i = m->nodes[k]->ifaces; i; i = i->next) {
			x_grow(&m->ifaces, &m->ifaces_capacity, m->n_ifaces + 1,
			       sizeof(struct mc_iface *));
			m->ifaces[m->n_ifaces++] = i;
		}
	if (m->n_ifaces)
		qsort(m->ifaces, m->n_ifaces, sizeof(struct mc_iface *), by_segment);
	m->sorted = true;
}

struct mc_iface **
mc_segment(struct multicast *m, const struct mc_iface *i, size_t *ret_n)
{
	size_t low = 0, high, end;

	sort_ifaces(m);
	high = m->n_ifaces;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (m->ifaces[middle]->segment < i->segment)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < m->n_ifaces && m->ifaces[end]->segment == i->segment; end++)
		;
	*ret_n = i->segment ? end - low : 0;
	return m->ifaces + low;
}

bool
mc_table_on(const struct mc_table *t)
{
	return t && t->conf && t->conf->on && t->node->policy && t->node->policy->ip_routing;
}

bool
mc_alive(const struct mc_iface *i)
{
	return i->up && i->conf && i->node->on;
}

bool
mc_reaches(const struct multicast *m, const struct mc_iface *from, const struct mc_iface *to)
{
	return !m->env.reaches || from->node == to->node ||
	       m->env.reaches(m->env.arg, from->node->number, to->node->number);
}

bool
mc_admits(const struct mc_iface *i, uint8_t proto, uint32_t src, uint32_t dst)
{
	const struct policy_acl *acl = i->conf ? i->conf->acl_in : NULL;

	if (!acl || !acl->n_aces || i->node->policy->firewall)
		return true; /* a firewall's lists are for what it passes on */
	return policy_acl_permits(acl, &(struct flow){.src = src, .dst = dst, .proto = proto});
}

/* --- what goes in ----------------------------------------------------------------------------- */

static void
iface_configure(struct mc_iface *i)
{
	const struct policy *p = i->node->policy;

	i->conf = p ? policy_interface_find(p, i->name) : NULL;
	i->table = i->conf ? table_get(i->node, i->conf->vrf) : NULL;
}

void
multicast_node_policy(struct multicast *m, size_t node, const struct policy *p)
{
	struct mc_node *n = m->nodes[node];

	n->policy = p;
	for (struct mc_table *t = n->tables; t; t = t->next)
		t->conf = NULL;
	for (size_t i = 0; p && i < p->n_multicast; i++)
		table_get(n, p->multicast[i].vrf)->conf = &p->multicast[i];
	for (struct mc_iface *i = n->ifaces; i; i = i->next)
		iface_configure(i);
	touch_all(m);
}

void
multicast_node_power(struct multicast *m, size_t node, bool on)
{
	m->nodes[node]->on = on;
	touch_all(m);
}

void
multicast_node_freeze(struct multicast *m, size_t node, bool frozen)
{
	m->nodes[node]->frozen = frozen;
	touch_all(m);
}

static struct mc_iface *
iface_get(struct multicast *m, struct mc_node *n, const char *name)
{
	struct mc_iface *i = mc_iface_find(n, name);

	if (i)
		return i;
	i = x_alloc(sizeof(*i));
	i->node = n;
	i->name = x_strdup(name);
	i->next = n->ifaces;
	n->ifaces = i;
	m->sorted = false;
	iface_configure(i);
	return i;
}

void
multicast_interface(struct multicast *m, size_t node, const char *name, uint32_t segment, bool up)
{
	struct mc_iface *i = iface_get(m, m->nodes[node], name);

	if (i->segment != segment)
		m->sorted = false;
	i->segment = segment;
	i->up = up;
	touch_all(m);
}

/* Nobody speaks of an interface that has gone. */
static void
forget_everywhere(struct multicast *m, const struct mc_iface *gone)
{
	for (size_t k = 0; k < m->n_nodes; k++)
		for (struct mc_iface *i = m->nodes[k]->ifaces; i; i = i->next) {
			for (size_t j = i->n_neighbors; j-- > 0;)
				if (i->neighbors[j].peer == gone)
					i->neighbors[j] = i->neighbors[--i->n_neighbors];
			for (size_t j = i->n_members; j-- > 0;)
				if (i->members[j].by == gone)
					i->members[j] = i->members[--i->n_members];
		}
	for (size_t k = 0; k < m->n_flows; k++) {
		mc_tree_fini(&m->flows[k]->tree);
		m->flows[k]->fresh = false;
		m->flows[k]->n_served = 0;
	}
}

void
multicast_interface_forget(struct multicast *m, size_t node, const char *name)
{
	struct mc_iface **at = &m->nodes[node]->ifaces, *i;

	while (*at && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	if (!(i = *at))
		return;
	*at = i->next;
	forget_everywhere(m, i);
	iface_free(i);
	m->sorted = false;
	touch_all(m);
}

void
multicast_listen(struct multicast *m, size_t node, const char *name, uint32_t group, bool on)
{
	struct mc_iface *i = iface_get(m, m->nodes[node], name);

	for (size_t k = i->n_listens; k-- > 0;)
		if (i->listens[k] == group)
			i->listens[k] = i->listens[--i->n_listens];
	if (on) {
		x_grow(&i->listens, &i->listens_capacity, i->n_listens + 1, sizeof(*i->listens));
		i->listens[i->n_listens++] = group;
	}
	touch_all(m);
}

void
multicast_gate_changed(struct multicast *m)
{
	touch_all(m);
}

bool
multicast_configured(const struct policy *p)
{
	for (size_t i = 0; p && i < p->n_multicast; i++)
		if (p->multicast[i].on)
			return true;
	return false;
}

bool
multicast_routes(const struct multicast *m, size_t node, const char *vrf)
{
	return mc_table_on(mc_table_find(m->nodes[node], vrf));
}

/* --- time ------------------------------------------------------------------------------------- */

static msec
earlier_of(msec a, msec b)
{
	return a < b ? a : b;
}

/* Whose sources have been silent too long. */
static void
flows_expire(struct multicast *m)
{
	for (size_t k = m->n_flows; k-- > 0;)
		if (!mc_flow_alive(m, m->flows[k])) {
			flow_free(m->flows[k]);
			m->flows[k] = m->flows[--m->n_flows];
		}
}

msec
multicast_update(struct multicast *m, msec now)
{
	msec next = MSEC_NEVER;

	m->now = now;
	flows_expire(m);
	for (size_t k = 0; k < m->n_nodes; k++)
		for (struct mc_iface *i = m->nodes[k]->ifaces; i; i = i->next) {
			next = earlier_of(next, mc_neighbors_update(i));
			next = earlier_of(next, mc_members_update(i));
		}
	return next;
}

/* --- packets ---------------------------------------------------------------------------------- */

bool
mc_flow_alive(const struct multicast *m, const struct mc_flow *f)
{
	return m->now - f->last < MC_KEEPALIVE;
}

struct mc_flow *
mc_flow_find(const struct multicast *m, uint32_t source, uint32_t group)
{
	for (size_t k = 0; k < m->n_flows; k++)
		if (m->flows[k]->source == source && m->flows[k]->group == group)
			return m->flows[k];
	return NULL;
}

/* One that has been silent too long begins anew. */
static struct mc_flow *
flow_get(struct multicast *m, uint32_t source, uint32_t group)
{
	struct mc_flow *f = mc_flow_find(m, source, group), *oldest;

	if (f && mc_flow_alive(m, f))
		return f;
	if (f) {
		f->first = f->last = m->now;
		f->fresh = false;
		f->n_served = 0;
		return f;
	}
	if (m->n_flows >= MC_FLOWS_MAX) {
		size_t k = 0;

		for (size_t i = 1; i < m->n_flows; i++)
			if (m->flows[i]->last < m->flows[k]->last)
				k = i;
		oldest = m->flows[k];
		m->flows[k] = m->flows[--m->n_flows];
		flow_free(oldest);
	}
	f = x_alloc(sizeof(*f));
	*f = (struct mc_flow){.source = source, .group = group, .first = m->now, .last = m->now};
	x_grow(&m->flows, &m->flows_capacity, m->n_flows + 1, sizeof(struct mc_flow *));
	m->flows[m->n_flows++] = f;
	return f;
}

bool
multicast_packet(struct multicast *m, size_t node, const char *vrf, uint32_t source, uint32_t group,
                 msec now, struct multicast_way *ret)
{
	const struct mc_table *t = mc_table_find(m->nodes[node], vrf);
	struct mc_rpf rpf;
	struct mc_flow *f;
	const struct mc_entry *e;

	m->now = now;
	if (!mc_table_on(t) || !addr_is_multicast(group))
		return false;
	rpf = mc_rpf(t, source);
	f = flow_get(m, source, group);
	if (rpf.own || (rpf.iface && rpf.connected))
		f->last = m->now;
	e = mc_entry_find(mc_flow_tree(m, f), t);
	if (!e || !e->rpf.iface)
		return false;
	*ret = (struct multicast_way){.in = e->rpf.iface->name};
	for (size_t k = 0; k < e->n_oifs && ret->n_out < MULTICAST_OUT_MAX; k++)
		if (e->oifs[k].iface != e->rpf.iface)
			ret->out[ret->n_out++] = e->oifs[k].iface->name;
	return true;
}
