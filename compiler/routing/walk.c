/* SPDX-License-Identifier: Apache-2.0 */
/* The way that a packet takes from router to router, by each one's table. */
#include "compiler/routing/mpls_priv.h"

#define RECURSIONS_MAX 8

const struct rt_rib *
rt_rib_get(struct rt_vrf *vrf)
{
	struct routing *r = vrf->node->routing;

	if (vrf->rib_epoch != r->epoch) {
		rt_rib_fini(&vrf->rib);
		rt_rib_make(vrf, &vrf->rib, true);
		vrf->rib_epoch = r->epoch;
	}
	return &vrf->rib;
}

/* A table that is not settled yet may lead back to where it came from. */
const struct rt_iface *
rt_way_out(struct rt_vrf *vrf, uint32_t to, uint32_t *ret_via)
{
	uint32_t addr = to;

	for (int depth = 0; depth < RECURSIONS_MAX; depth++) {
		const struct rt_route *r = rt_rib_lookup(rt_rib_get(vrf), addr);

		if (!r || (!r->connected && !r->n_hops))
			return NULL;
		if (r->connected) {
			*ret_via = addr;
			return r->connected;
		}
		if (r->vpn && !r->vpn->label) {
			vrf = r->vpn->from;
			continue;
		}
		if (r->vpn)
			vrf = vrf->node->vrfs;
		else if (r->hops[0].interface) {
			*ret_via = r->hops[0].via ? r->hops[0].via : addr;
			return rt_iface_find(vrf->node, r->hops[0].interface);
		}
		addr = r->hops[0].via;
	}
	return NULL;
}

bool
rt_owns(const struct rt_vrf *vrf, uint32_t addr)
{
	for (const struct rt_iface *i = vrf->node->ifaces; i; i = i->next)
		if (i->vrf == vrf && i->up && i->addr == addr)
			return true;
	return false;
}

/* Who has the address on the interface's link, and can be reached there. */
static const struct rt_iface *
link_cross(const struct rt_iface *out, uint32_t via)
{
	const struct routing *r = out->node->routing;
	const struct rt_segment *s = rt_segment_find(r, out->segment);

	for (size_t k = 0; s && out->up && k < s->n; k++) {
		const struct rt_iface *i = s->ifaces[k];

		if (i->addr == via && i != out && i->up && rt_alive(i->node) &&
		    (!r->env.reaches ||
		     r->env.reaches(r->env.arg, out->node->number, i->node->number)))
			return i;
	}
	return NULL;
}

/* The table behind one hop; through a provider's core in one. */
static struct rt_vrf *
hop_cross(struct rt_vrf *at, uint32_t to)
{
	const struct rt_route *r = rt_rib_lookup(rt_rib_get(at), to);
	const struct rt_iface *out, *in;
	uint32_t via;

	if (r && r->vpn && r->vpn->label)
		return mpls_cross(at, r->hops[0].via, r->vpn->label);
	out = rt_way_out(at, to, &via);
	in = out ? link_cross(out, via) : NULL;
	return in ? in->vrf : NULL;
}

struct rt_vrf *
rt_walk(struct rt_vrf *from, uint32_t to, unsigned ttl)
{
	struct rt_vrf *at = from;

	for (unsigned hop = 0; hop < ttl; hop++) {
		at = hop_cross(at, to);
		if (!at)
			return NULL;
		if (rt_owns(at, to))
			return at;
	}
	return NULL;
}
