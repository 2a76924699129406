/* SPDX-License-Identifier: Apache-2.0 */
/* Processes of EIGRP and RIP, and what each has at an interface, from the policy. */
#include "compiler/routing/vector_priv.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/policy/speaking.h"

/* --- processes -------------------------------------------------------------------------------- */

static void
interface_forget(struct rt_iface *i)
{
	for (size_t k = 0; k < i->n_vectors; k++)
		free(i->vectors[k].summaries);
	free(i->vectors);
	i->vectors = NULL;
	i->n_vectors = 0;
}

static void
procs_free(struct vector_proc **procs, size_t n)
{
	for (size_t k = 0; k < n; k++)
		free(procs[k]);
	free(procs);
}

void
vector_forget(struct rt_node *n)
{
	for (struct rt_iface *i = n->ifaces; i; i = i->next)
		interface_forget(i);
	procs_free(n->vectors, n->n_vectors);
	n->vectors = NULL;
	n->n_vectors = 0;
}

static bool
id_taken(const struct rt_node *n, uint32_t id)
{
	(void)n;
	(void)id;
	return false;
}

/* A process keeps its identifier while it is configured. */
static uint32_t
id_of(const struct vector_proc *p, struct vector_proc *const *old, size_t n_old)
{
	if (p->protocol != RT_EIGRP)
		return 0;
	if (p->eigrp->router_id)
		return p->eigrp->router_id;
	for (size_t k = 0; k < n_old; k++)
		if (old[k]->protocol == p->protocol && old[k]->process == p->process &&
		    old[k]->vrf == p->vrf && old[k]->router_id)
			return old[k]->router_id;
	return rt_router_id(p->vrf, id_taken);
}

static void
proc_add(struct rt_node *n, const struct vector_proc *what, struct vector_proc *const *old,
         size_t n_old)
{
	struct vector_proc *p;

	if (!what->vrf)
		return;
	p = x_memdup(what, sizeof(*what));
	p->node = n;
	p->router_id = id_of(p, old, n_old);
	n->vectors[n->n_vectors++] = p;
}

static void
procs_configure(struct rt_node *n, struct vector_proc *const *old, size_t n_old)
{
	const struct policy_routing *conf = n->policy ? &n->policy->routing : NULL;

	n->vectors = x_alloc(((conf ? conf->n_eigrp + conf->n_rip_vrfs : 0) + 1) *
	                     sizeof(struct vector_proc *));
	n->n_vectors = 0;
	for (size_t k = 0; conf && k < conf->n_eigrp; k++)
		if (!conf->eigrp[k].shutdown)
			proc_add(n,
			         &(struct vector_proc){.protocol = RT_EIGRP,
			                               .process = conf->eigrp[k].as,
			                               .eigrp = &conf->eigrp[k],
			                               .vrf = rt_vrf_find(n, conf->eigrp[k].vrf)},
			         old, n_old);
	if (conf && conf->rip.configured)
		proc_add(n,
		         &(struct vector_proc){.protocol = RT_RIP,
		                               .rip = &conf->rip,
		                               .vrf = rt_vrf_find(n, conf->rip.vrf)},
		         old, n_old);
	for (size_t k = 0; conf && k < conf->n_rip_vrfs; k++)
		proc_add(n,
		         &(struct vector_proc){.protocol = RT_RIP,
		                               .rip = &conf->rip_vrfs[k],
		                               .vrf = rt_vrf_find(n, conf->rip_vrfs[k].vrf)},
		         old, n_old);
}

/* --- interfaces ------------------------------------------------------------------------------- */

static bool
runs_at(const struct vector_proc *p, const struct rt_iface *i)
{
	if (!i->addr || p->vrf != i->vrf)
		return false;
	return p->protocol == RT_EIGRP
	           ? policy_network_covers(p->eigrp->networks, p->eigrp->n_networks, i->addr)
	           : policy_network_covers(p->rip->networks, p->rip->n_networks, i->addr);
}

static void
interface_configure(struct rt_iface *i)
{
	interface_forget(i);
	i->vectors = x_alloc((i->node->n_vectors + 1) * sizeof(*i->vectors));
	for (size_t k = 0; k < i->node->n_vectors; k++) {
		struct vector_proc *p = i->node->vectors[k];
		struct vector_if *x = &i->vectors[i->n_vectors];

		if (!runs_at(p, i))
			continue;
		i->n_vectors++;
		x->proc = p;
		x->bandwidth = rt_bandwidth(i);
		x->delay = rt_delay(i);
		if (p->protocol == RT_EIGRP)
			eigrp_interface(x, i);
		else
			rip_interface(x, i);
	}
}

/* What an interface saw of processes that it is not in any more. */
static void
views_clean(struct rt_iface *i)
{
	for (size_t k = i->n_views; k > 0; k--) {
		const struct rt_view *v = &i->views[k - 1];
		bool kept = v->protocol == RT_OSPF;

		for (size_t x = 0; x < i->n_vectors && !kept; x++)
			kept = vector_protocol(&i->vectors[x]) == v->protocol &&
			       vector_process(&i->vectors[x]) == v->process &&
			       !(i->vectors[x].passive && v->protocol == RT_EIGRP);
		if (!kept) {
			rt_views_forget(i, v->protocol, v->process);
			k = i->n_views + 1;
		}
	}
}

void
vector_configure(struct rt_node *n)
{
	struct vector_proc **old = n->vectors;
	size_t n_old = n->n_vectors;

	procs_configure(n, old, n_old);
	for (struct rt_iface *i = n->ifaces; i; i = i->next) {
		interface_configure(i);
		views_clean(i);
	}
	procs_free(old, n_old);
}

void
vector_restart(struct rt_node *n)
{
	for (size_t k = 0; k < n->n_vectors; k++)
		n->vectors[k]->router_id = 0;
	vector_configure(n);
}

/* Interfaces that are up by now may give an identifier to a process that had none. */
void
vector_identify(struct rt_node *n)
{
	for (size_t k = 0; k < n->n_vectors; k++) {
		struct vector_proc *p = n->vectors[k];

		if (p->router_id || p->protocol != RT_EIGRP || !n->on)
			continue;
		p->router_id = rt_router_id(p->vrf, id_taken);
		if (p->router_id)
			rt_touch(n->routing);
	}
}

/* --- neighbours ------------------------------------------------------------------------------- */

enum rt_protocol
vector_protocol(const struct vector_if *x)
{
	return x->proc->protocol;
}

uint32_t
vector_process(const struct vector_if *x)
{
	return x->proc->process;
}

const struct vector_if *
vector_if_match(const struct rt_iface *i, const struct vector_if *x)
{
	for (size_t k = 0; k < i->n_vectors; k++)
		if (i->vectors[k].proc->protocol == x->proc->protocol &&
		    i->vectors[k].proc->process == x->proc->process)
			return &i->vectors[k];
	return NULL;
}

/* Each finds the other's address in its own subnet: a sender that is elsewhere is not heard. */
bool
vector_same_subnet(const struct rt_iface *a, const struct rt_iface *b)
{
	uint32_t differ = a->addr ^ b->addr;

	return !(differ & prefix_mask(a->len)) && !(differ & prefix_mask(b->len));
}

bool
vector_agrees(const struct rt_iface *i, const struct vector_if *x, const struct rt_iface *peer,
              const struct vector_if *y)
{
	if (i->node == peer->node)
		return false;
	return x->proc->protocol == RT_EIGRP ? eigrp_agrees(i, x, peer, y)
	                                     : rip_hears(i, x, peer, y);
}
