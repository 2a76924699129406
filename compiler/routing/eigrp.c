/* SPDX-License-Identifier: Apache-2.0 */
/* EIGRP (RFC 7868): its interfaces, and who becomes whose neighbour. */
#include "compiler/routing/vector_priv.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/policy/speaking.h"

#define HELLO      5 /* seconds; on slow lines of many access IOS takes 60, which nobody has here */
#define HOLD_TIMES 3

/* --- interfaces ------------------------------------------------------------------------------- */

static const struct policy_eigrp_interface *
interface_conf(const struct rt_iface *i, uint32_t as)
{
	for (size_t k = 0; i->conf && k < i->conf->n_eigrp; k++)
		if (i->conf->eigrp[k].as == as)
			return &i->conf->eigrp[k];
	return NULL;
}

static void
summary_add(struct vector_if *x, struct prefix to)
{
	for (size_t k = 0; k < x->n_summaries; k++)
		if (x->summaries[k].addr == to.addr && x->summaries[k].len == to.len)
			return;
	x->summaries = x_realloc(x->summaries, (x->n_summaries + 1) * sizeof(*x->summaries));
	x->summaries[x->n_summaries++] = to;
}

/*
 * `auto-summary`: what the router has of one network by class is told to another one as that
 * network.
 */
static void
auto_summaries(struct vector_if *x, const struct rt_iface *i)
{
	uint32_t own = i->addr & prefix_mask(rt_class_len(i->addr));

	for (const struct rt_iface *other = i->node->ifaces; other; other = other->next) {
		uint8_t len = rt_class_len(other->addr);
		uint32_t major = other->addr & prefix_mask(len);

		if (other->vrf == i->vrf && other->addr && major != own && other->len > len &&
		    policy_network_covers(x->proc->eigrp->networks, x->proc->eigrp->n_networks,
		                          other->addr))
			summary_add(x, (struct prefix){major, len});
	}
}

void
eigrp_interface(struct vector_if *x, const struct rt_iface *i)
{
	const struct policy_eigrp *conf = x->proc->eigrp;

	x->eigrp = interface_conf(i, conf->as);
	x->passive = policy_is_passive(&conf->passive, i->name) || policy_names_loopback(i->name);
	x->split_horizon = !x->eigrp || !x->eigrp->no_split_horizon;
	x->hello = SECONDS(x->eigrp && x->eigrp->hello ? x->eigrp->hello : HELLO);
	x->dead =
	    x->eigrp && x->eigrp->hold ? SECONDS(x->eigrp->hold) : SECONDS(HELLO * HOLD_TIMES);
	for (size_t k = 0; x->eigrp && k < x->eigrp->n_summaries; k++)
		summary_add(x, x->eigrp->summaries[k]);
	if (conf->auto_summary)
		auto_summaries(x, i);
}

/* --- neighbours ------------------------------------------------------------------------------- */

/* `neighbor A IF`: an interface that has such lines speaks to those, and hears no others. */
static bool
names_neighbor(const struct vector_proc *p, const struct rt_iface *i, uint32_t addr, bool *ret_any)
{
	bool named = false;

	*ret_any = false;
	for (size_t k = 0; k < p->eigrp->n_neighbors; k++) {
		const struct policy_eigrp_neighbor *n = &p->eigrp->neighbors[k];

		if (strcmp(n->interface, i->name) != 0)
			continue;
		*ret_any = true;
		named = named || n->addr == addr;
	}
	return named;
}

static bool
same_constants(const struct vector_if *x, const struct vector_if *y)
{
	return memcmp(x->proc->eigrp->k, y->proc->eigrp->k, sizeof(x->proc->eigrp->k)) == 0;
}

/* RFC 7868 5.3.3: autonomous system, constants and subnet are the same. */
bool
eigrp_agrees(const struct rt_iface *i, const struct vector_if *x, const struct rt_iface *peer,
             const struct vector_if *y)
{
	bool any_here, any_there;
	bool here = names_neighbor(x->proc, i, peer->addr, &any_here);
	bool there = names_neighbor(y->proc, peer, i->addr, &any_there);

	if (x->passive || y->passive || any_here != any_there || (any_here && !(here && there)))
		return false;
	return same_constants(x, y) && vector_same_subnet(i, peer);
}

const char *
eigrp_why_not(const struct rt_iface *i, const struct vector_if *x, const struct rt_iface *peer)
{
	const struct vector_if *y = vector_if_match(peer, x);

	(void)i;
	if (y && !same_constants(x, y))
		return "K-value mismatch";
	return "Interface Goodbye received";
}
