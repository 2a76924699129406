/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LDP (RFC 5036), downstream unsolicited and ordered by nobody, as in IOS: who are neighbours
 * follows from adjacency.c; every router tells all of them a label for each route of its global
 * table that is not BGP's, and implicit null for what is connected.
 */
#include "compiler/routing/mpls_priv.h"

#include <stdlib.h>
#include <string.h>

#define TTL 255

/* --- from the policy -------------------------------------------------------------------------- */

static bool
is_automatic(const struct rt_iface *i)
{
	const struct policy_ospf *conf = i->ospf.proc ? i->ospf.proc->conf : NULL;

	if (!conf || i->ospf.loopback)
		return false;
	for (size_t k = 0; k < conf->n_ldp_areas; k++)
		if (conf->ldp_areas[k] == i->ospf.area)
			return true;
	return conf->ldp_everywhere;
}

void
mpls_configure(struct rt_node *n)
{
	bool off = !n->policy || n->policy->routing.mpls.off || !n->policy->routing.mpls.interfaces;

	n->mpls = false;
	for (struct rt_iface *i = n->ifaces; i; i = i->next) {
		i->mpls = !off && i->conf && !i->vrf->name && !policy_names_loopback(i->name) &&
		          (i->conf->mpls || is_automatic(i));
		n->mpls |= i->mpls;
	}
	n->had_mpls |= n->mpls;
}

void
mpls_forget(struct rt_node *n)
{
	if (!n->book)
		return;
	free(n->book->fecs);
	free(n->book->order);
	free(n->book);
	n->book = NULL;
}

static bool
id_taken(const struct rt_node *n, uint32_t id)
{
	(void)n;
	(void)id;
	return false;
}

uint32_t
ldp_id(const struct rt_node *n)
{
	const char *name = n->policy ? n->policy->routing.mpls.ldp_router_id : NULL;
	const struct rt_iface *i = name ? rt_iface_find(n, name) : NULL;

	if (i && i->up && i->addr && !i->vrf->name)
		return i->addr;
	return rt_router_id(n->vrfs, id_taken);
}

/* --- labels ----------------------------------------------------------------------------------- */

static int
fec_order(const struct mpls_fec *a, const struct rt_vrf *vrf, struct prefix to)
{
	int order = a->vrf == vrf
	                ? 0
	                : strcmp(a->vrf->name ? a->vrf->name : "", vrf->name ? vrf->name : "");

	return order ? order : rt_prefix_order(a->to, to);
}

uint32_t
mpls_label_get(struct rt_vrf *vrf, struct prefix to)
{
	struct mpls_book *b = vrf->node->book;
	size_t low = 0, high;

	if (!b)
		b = vrf->node->book = x_alloc(sizeof(*b));
	for (high = b->n; low < high;) {
		size_t middle = (low + high) / 2;
		int order = fec_order(&b->fecs[b->order[middle]], vrf, to);

		if (order == 0)
			return MPLS_FIRST + b->order[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (b->n >= MPLS_LABELS - MPLS_FIRST)
		return MPLS_NO_LABEL;
	x_grow(&b->fecs, &b->capacity, b->n + 1, sizeof(*b->fecs));
	x_grow(&b->order, &b->order_capacity, b->n + 1, sizeof(*b->order));
	memmove(b->order + low + 1, b->order + low, (b->n - low) * sizeof(*b->order));
	b->order[low] = (uint32_t)b->n;
	b->fecs[b->n] = (struct mpls_fec){vrf, to};
	return MPLS_FIRST + (uint32_t)b->n++;
}

const struct mpls_fec *
mpls_fec_find(const struct rt_node *n, uint32_t label)
{
	const struct mpls_book *b = n->book;

	return b && label >= MPLS_FIRST && label - MPLS_FIRST < b->n ? &b->fecs[label - MPLS_FIRST]
	                                                             : NULL;
}

uint32_t
ldp_binding(struct rt_node *n, struct prefix to)
{
	const struct rt_route *r = n->mpls ? rt_rib_find(rt_rib_get(n->vrfs), to) : NULL;

	if (!r || r->source == ROUTING_BGP)
		return MPLS_NO_LABEL;
	if (r->connected || !r->n_hops)
		return MPLS_IMPLICIT_NULL;
	return mpls_label_get(n->vrfs, to);
}

/* --- neighbours ------------------------------------------------------------------------------- */

/* RFC 5036 2.5.2: a connection between identifiers, which both have to reach. */
bool
ldp_session_up(const struct rt_iface *i, struct rt_view *v)
{
	struct rt_node *here = i->node, *there = v->peer->node;
	uint32_t own = ldp_id(here), other = ldp_id(there);

	if (v->state != RT_FULL)
		return false;
	if (v->session_epoch != here->routing->epoch) {
		v->session_epoch = here->routing->epoch;
		v->session = own && other && own != other &&
		             rt_walk(here->vrfs, other, TTL) == there->vrfs &&
		             rt_walk(there->vrfs, own, TTL) == here->vrfs;
	}
	return v->session;
}

struct rt_node *
ldp_neighbor_at(const struct rt_iface *i, uint32_t via)
{
	for (size_t k = 0; i->mpls && k < i->n_views; k++) {
		struct rt_view *v = &i->views[k];

		if (v->protocol == RT_LDP && v->peer->addr == via && ldp_session_up(i, v))
			return v->peer->node;
	}
	return NULL;
}
