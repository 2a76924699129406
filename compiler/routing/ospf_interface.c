/* SPDX-License-Identifier: Apache-2.0 */
/* Processes of OSPF, what each has at an interface, and what neighbours must share. */
#include "compiler/routing/routing_priv.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/policy/speaking.h"

const struct policy_ospf_area *
ospf_area_find(const struct ospf_proc *p, uint32_t area)
{
	for (size_t i = 0; p->conf && i < p->conf->n_areas; i++)
		if (p->conf->areas[i].area == area)
			return &p->conf->areas[i];
	return NULL;
}

/* --- processes -------------------------------------------------------------------------------- */

static bool
id_taken(const struct rt_node *n, uint32_t id)
{
	for (size_t i = 0; i < n->n_ospf; i++)
		if (n->ospf[i]->router_id == id)
			return true;
	return false;
}

void
ospf_forget(struct rt_node *n)
{
	for (struct rt_iface *i = n->ifaces; i; i = i->next)
		i->ospf = (struct ospf_if){.proc = NULL};
	for (size_t i = 0; i < n->n_ospf; i++)
		free(n->ospf[i]);
	free(n->ospf);
	n->ospf = NULL;
	n->n_ospf = 0;
}

/* A process keeps its identifier while it is configured, whatever addresses come and go. */
static void
procs_configure(struct rt_node *n)
{
	const struct policy_routing *conf = n->policy ? &n->policy->routing : NULL;
	struct ospf_proc **old = n->ospf;
	size_t n_old = n->n_ospf, count = conf ? conf->n_ospf : 0;

	n->ospf = x_alloc((count + 1) * sizeof(struct ospf_proc *));
	n->n_ospf = 0;
	for (size_t i = 0; i < count; i++) {
		struct ospf_proc *p = NULL;

		for (size_t k = 0; k < n_old; k++)
			if (old[k] && old[k]->process == conf->ospf[i].process) {
				p = old[k];
				old[k] = NULL;
			}
		if (!p)
			p = x_alloc(sizeof(*p));
		p->node = n;
		p->process = conf->ospf[i].process;
		p->conf = &conf->ospf[i];
		n->ospf[n->n_ospf++] = p;
	}
	for (size_t k = 0; k < n_old; k++) {
		for (struct rt_iface *i = n->ifaces; i && old[k]; i = i->next)
			if (i->ospf.proc == old[k]) {
				i->ospf.proc = NULL;
				rt_views_forget(i, RT_OSPF, 0);
			}
		free(old[k]);
	}
	free(old);
}

/* --- interfaces ------------------------------------------------------------------------------- */

static struct ospf_proc *
proc_of(const struct rt_iface *i, uint32_t *ret_area)
{
	const struct policy_ospf_interface *o = i->conf ? i->conf->ospf : NULL;

	if (!i->addr)
		return NULL;
	for (size_t k = 0; k < i->node->n_ospf; k++) {
		struct ospf_proc *p = i->node->ospf[k];

		if (p->vrf != i->vrf || p->conf->shutdown || !p->router_id)
			continue;
		if (o && o->process) {
			if (o->process != p->process)
				continue;
			*ret_area = o->area;
			return p;
		}
		if (policy_ospf_area(p->conf, i->addr, ret_area))
			return p;
	}
	return NULL;
}

static void
auth_of(struct ospf_if *to, const struct policy_ospf_interface *o, const struct ospf_proc *p)
{
	const struct policy_ospf_area *area = ospf_area_find(p, to->area);

	to->auth = o && o->auth != OSPF_AUTH_UNSET         ? o->auth
	           : area && area->auth != OSPF_AUTH_UNSET ? area->auth
	                                                   : OSPF_AUTH_NULL;
	to->key = o ? o->key : (struct span){.n = 0};
	to->key_id = o ? o->key_id : 0;
}

/* RFC 2328 C.3, and what IOS takes by the network's type. */
static void
timers_of(struct ospf_if *to, const struct policy_ospf_interface *o)
{
	bool slow = to->network == OSPF_NBMA || to->network == OSPF_POINT_TO_MULTIPOINT;

	to->hello = SECONDS(o && o->hello ? o->hello : slow ? 30 : 10);
	to->dead = o && o->dead ? SECONDS(o->dead) : 4 * to->hello;
}

static void
interface_configure(struct rt_iface *i)
{
	const struct policy_ospf_interface *o = i->conf ? i->conf->ospf : NULL;
	const struct ospf_if was = i->ospf;
	struct ospf_if *to = &i->ospf;

	*to = (struct ospf_if){.proc = NULL};
	to->proc = proc_of(i, &to->area);
	if (!to->proc) {
		if (was.proc)
			rt_views_forget(i, RT_OSPF, 0);
		return;
	}
	to->network = policy_ospf_network(i->name, o);
	to->loopback = policy_names_loopback(i->name) && (!o || o->network == OSPF_NETWORK_DEFAULT);
	to->passive =
	    policy_is_passive(&to->proc->conf->passive, i->name) || policy_names_loopback(i->name);
	to->priority = !o || o->priority < 0 ? 1 : (uint8_t)o->priority;
	to->cost = policy_ospf_cost(to->proc->conf, o, rt_bandwidth(i));
	timers_of(to, o);
	auth_of(to, o, to->proc);
	if (was.proc == to->proc && was.area == to->area && was.network == to->network &&
	    was.passive == to->passive) {
		to->dr = was.dr;
		to->bdr = was.bdr;
		to->waiting = was.waiting;
		to->wait_until = was.wait_until;
	} else {
		rt_views_forget(i, RT_OSPF, 0);
		i->was_up = false;
	}
}

static void
node_ids(struct rt_node *n)
{
	for (size_t k = 0; k < n->n_ospf; k++) {
		struct ospf_proc *p = n->ospf[k];
		struct rt_vrf *vrf = rt_vrf_find(n, p->conf->vrf);

		p->vrf = vrf;
		if (p->conf->router_id)
			p->router_id = p->conf->router_id;
		else if (!p->router_id && vrf)
			p->router_id = rt_router_id(vrf, id_taken);
	}
}

void
ospf_configure(struct rt_node *n)
{
	procs_configure(n);
	node_ids(n);
	for (struct rt_iface *i = n->ifaces; i; i = i->next)
		interface_configure(i);
	mpls_configure(n); /* LDP may run wherever OSPF does */
}

void
ospf_restart(struct rt_node *n)
{
	for (size_t k = 0; k < n->n_ospf; k++)
		n->ospf[k]->router_id = 0;
}

void
ospf_identify(struct rt_node *n)
{
	for (size_t k = 0; k < n->n_ospf; k++)
		if (!n->ospf[k]->router_id && n->on) {
			ospf_configure(n);
			if (n->ospf[k]->router_id)
				rt_touch(n->routing);
		}
}

/* --- what neighbours agree upon --------------------------------------------------------------- */

static bool
same_auth(const struct ospf_if *a, const struct ospf_if *b)
{
	if (a->auth != b->auth)
		return false;
	if (a->auth == OSPF_AUTH_NULL)
		return true;
	return a->key.n == b->key.n && memcmp(a->key.p, b->key.p, a->key.n) == 0 &&
	       (a->auth != OSPF_AUTH_MD5 || a->key_id == b->key_id);
}

static bool
same_area(const struct rt_iface *a, const struct rt_iface *b)
{
	const struct policy_ospf_area *x = ospf_area_find(a->ospf.proc, a->ospf.area),
				      *y = ospf_area_find(b->ospf.proc, b->ospf.area);

	return a->ospf.area == b->ospf.area && (x && x->stub) == (y && y->stub) &&
	       (x && x->nssa) == (y && y->nssa);
}

static bool
same_subnet(const struct rt_iface *a, const struct rt_iface *b)
{
	if (((a->addr ^ b->addr) & prefix_mask(a->len)) != 0)
		return false;
	return a->len == b->len ||
	       (a->ospf.network == OSPF_POINT_TO_POINT && b->ospf.network == OSPF_POINT_TO_POINT);
}

/* Without multicast somebody must be told whom to speak to. */
static bool
names_neighbor(const struct rt_iface *i, uint32_t addr)
{
	const struct policy_ospf *conf = i->ospf.proc->conf;

	for (size_t k = 0; k < conf->n_neighbors; k++)
		if (conf->neighbors[k] == addr)
			return true;
	return false;
}

static bool
speaks_here(const struct rt_iface *a, const struct rt_iface *b)
{
	const struct ospf_if *x = &a->ospf, *y = &b->ospf;

	if (!x->proc || !y->proc || x->passive || y->passive || a->node == b->node)
		return false;
	return x->network != OSPF_NBMA || names_neighbor(a, b->addr) || names_neighbor(b, a->addr);
}

/* RFC 2328 10.5. */
const char *
ospf_differs(const struct rt_iface *a, const struct rt_iface *b)
{
	const struct ospf_if *x = &a->ospf, *y = &b->ospf;

	if (x->area != y->area)
		return "the area";
	if (!same_area(a, b))
		return "the kind of the area (stub, nssa)";
	if (x->hello != y->hello)
		return "the hello interval";
	if (x->dead != y->dead)
		return "the dead interval";
	if (!same_auth(x, y))
		return "authentication";
	return same_subnet(a, b) ? NULL : "the network";
}

bool
ospf_agrees(const struct rt_iface *a, const struct rt_iface *b)
{
	return speaks_here(a, b) && a->ospf.proc->router_id != b->ospf.proc->router_id &&
	       !ospf_differs(a, b);
}

const char *
routing_ospf_differs(const struct routing *r, size_t a, const char *interface_a, size_t b,
                     const char *interface_b)
{
	const struct rt_iface *x = rt_iface_find(r->nodes[a], interface_a),
			      *y = rt_iface_find(r->nodes[b], interface_b);

	if (!x || !y || !speaks_here(x, y))
		return NULL;
	if (x->ospf.proc->router_id == y->ospf.proc->router_id)
		return "nothing, but the router identifier is the same";
	return ospf_differs(x, y);
}
