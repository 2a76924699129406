/* SPDX-License-Identifier: Apache-2.0 */
/* What MPLS knows, copied for shows. */
#include "compiler/routing/mpls_priv.h"

#include <stdlib.h>

/* --- neighbours ------------------------------------------------------------------------------- */

struct found {
	const struct rt_node *node;
	bool up;
	msec since;
	size_t n_links;
	struct ldp_link *links;
};

static struct found *
found_get(struct found *list, size_t *n, const struct rt_node *node, size_t most, struct arena *a)
{
	for (size_t k = 0; k < *n; k++)
		if (list[k].node == node)
			return &list[k];
	list[*n] = (struct found){
	    .node = node, .since = -1, .links = arena_alloc(a, most * sizeof(struct ldp_link))};
	return &list[(*n)++];
}

static size_t
views_of(const struct rt_node *n)
{
	size_t count = 0;

	for (const struct rt_iface *i = n->ifaces; i; i = i->next)
		count += i->n_views;
	return count;
}

static const uint32_t *
addrs_of(const struct rt_node *n, struct arena *a, size_t *ret_n)
{
	size_t count = 0;
	uint32_t *list;

	for (const struct rt_iface *i = n->ifaces; i; i = i->next)
		count++;
	list = arena_alloc(a, (count + 1) * sizeof(*list));
	*ret_n = 0;
	for (const struct rt_iface *i = n->ifaces; i; i = i->next)
		if (i->up && i->addr && !i->vrf->name)
			list[(*ret_n)++] = i->addr;
	return list;
}

static void
neighbors_show(struct rt_node *n, struct mpls_shown *ret, struct arena *a)
{
	size_t most = views_of(n) + 1, count = 0;
	struct found *found = arena_alloc(a, most * sizeof(*found));
	struct ldp_neighbor *list = arena_alloc(a, most * sizeof(*list));

	for (struct rt_iface *i = n->ifaces; i; i = i->next)
		for (size_t k = 0; i->mpls && k < i->n_views; k++) {
			struct rt_view *v = &i->views[k];
			struct found *f;

			if (v->protocol != RT_LDP || v->state != RT_FULL)
				continue;
			f = found_get(found, &count, v->peer->node, most, a);
			f->up |= ldp_session_up(i, v);
			f->since = f->since < 0 || v->since < f->since ? v->since : f->since;
			f->links[f->n_links++] = (struct ldp_link){i->name, v->peer->addr};
		}
	for (size_t k = 0; k < count; k++) {
		list[k] = (struct ldp_neighbor){.id = ldp_id(found[k].node),
		                                .own_id = ret->id,
		                                .up = found[k].up,
		                                .since = found[k].since,
		                                .n_links = found[k].n_links,
		                                .links = found[k].links};
		list[k].addrs = addrs_of(found[k].node, a, &list[k].n_addrs);
	}
	ret->neighbors = list;
	ret->n_neighbors = count;
}

/* --- all of it -------------------------------------------------------------------------------- */

/* Also of prefixes that nobody has asked for a label of yet: they would have been told one. */
static void
labels_tell(struct rt_node *n)
{
	const struct rt_rib *rib = rt_rib_get(n->vrfs);

	for (size_t k = 0; k < rib->n; k++)
		ldp_binding(n, rib->routes[k].to);
}

static void
entries_show(struct rt_node *n, struct mpls_shown *ret, struct arena *a)
{
	const struct routing_env *env = &n->routing->env;
	size_t most = n->book ? n->book->n : 0;
	struct mpls_entry *list = arena_alloc(a, (most + 1) * sizeof(*list));

	for (uint32_t k = 0; k < most; k++)
		if (mpls_entry_make(n, MPLS_FIRST + k, &list[ret->n_entries])) {
			struct mpls_entry *e = &list[ret->n_entries++];

			if (env->label_bytes)
				e->bytes = env->label_bytes(env->arg, n->number, e->label);
		}
	ret->entries = list;
}

static void
interfaces_show(const struct rt_node *n, struct mpls_shown *ret, struct arena *a)
{
	struct mpls_interface *list;
	size_t most = 0;

	for (const struct rt_iface *i = n->ifaces; i; i = i->next)
		most++;
	list = arena_alloc(a, (most + 1) * sizeof(*list));
	for (const struct rt_iface *i = n->ifaces; i; i = i->next)
		if (i->mpls)
			list[ret->n_interfaces++] = (struct mpls_interface){
			    .name = i->name, .by_ospf = !i->conf->mpls, .up = i->up};
	ret->interfaces = list;
}

struct mpls_shown
routing_mpls_show(struct routing *r, size_t node, struct arena *a)
{
	struct rt_node *n = r->nodes[node];
	struct mpls_shown ret = {.on = n->mpls};

	if (!n->mpls)
		return ret;
	rt_solve(r);
	ret.id = ldp_id(n);
	labels_tell(n);
	neighbors_show(n, &ret, a);
	entries_show(n, &ret, a);
	interfaces_show(n, &ret, a);
	return ret;
}
