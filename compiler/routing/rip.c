/* SPDX-License-Identifier: Apache-2.0 */
/* RIP (RFC 2453, RFC 1058): its interfaces, and who hears whom. */
#include "compiler/routing/vector_priv.h"

#include "compiler/policy/speaking.h"

#define UPDATE   30 /* seconds */
#define INVALID  180
#define INFINITE 16 /* hops */

void
rip_interface(struct vector_if *x, const struct rt_iface *i)
{
	const struct policy_rip *conf = x->proc->rip;

	x->passive = policy_is_passive(&conf->passive, i->name) || policy_names_loopback(i->name);
	x->split_horizon = true;
	x->hello = SECONDS(conf->update ? conf->update : UPDATE);
	x->dead = SECONDS(conf->invalid ? conf->invalid : INVALID);
}

/* What a process sends: version 1 unless told otherwise. Without a version it takes both. */
static bool
version_is_heard(const struct policy_rip *by, const struct policy_rip *from)
{
	uint8_t sent = from->version ? from->version : 1;

	return !by->version || by->version == sent;
}

static bool
names_neighbor(const struct policy_rip *conf, uint32_t addr)
{
	for (size_t k = 0; k < conf->n_neighbors; k++)
		if (conf->neighbors[k] == addr)
			return true;
	return false;
}

/* A passive interface still hears; it sends to those alone that `neighbor` names. */
bool
rip_hears(const struct rt_iface *i, const struct vector_if *x, const struct rt_iface *peer,
          const struct vector_if *y)
{
	if (y->passive && !names_neighbor(y->proc->rip, i->addr))
		return false;
	return version_is_heard(x->proc->rip, y->proc->rip) && vector_same_subnet(i, peer);
}

/* --- metric ----------------------------------------------------------------------------------- */

uint32_t
rip_reckon(const struct vector_metric *m)
{
	return m->delay >= INFINITE ? VECTOR_INFINITY : m->delay;
}

void
rip_extend(struct vector_metric *m)
{
	m->delay++;
}

/*
 * IOS tells what it redistributes with the very metric that is configured: here it is one less,
 * for who hears it adds one. What is connected or static needs none; other sources do.
 */
bool
rip_seed(const struct vector_proc *p, enum routing_source from, const struct rt_attributes *a,
         struct vector_metric *ret)
{
	uint32_t metric = a->has_metric ? a->metric : p->rip->default_metric;

	if (!metric && (from == ROUTING_CONNECTED || from == ROUTING_STATIC))
		metric = 1;
	if (!metric || metric >= INFINITE)
		return false;
	ret->delay = metric - 1;
	return true;
}

/* What is on the very link that it is told by; version 1 has no room for it. */
uint32_t
rip_next_hop(const struct vector_edge *e, const struct vector_route *r)
{
	const struct prefix link = {e->out->addr & prefix_mask(e->out->len), e->out->len};

	return e->x->proc->rip->version == 2 && r->next_hop != e->out->addr &&
	               prefix_contains(link, r->next_hop)
	           ? r->next_hop
	           : 0;
}

/* --- by class --------------------------------------------------------------------------------- */

bool
rip_is_classful(const struct policy_rip *conf)
{
	return conf->auto_summary || conf->version != 2;
}

static uint32_t
major_of(uint32_t addr)
{
	return addr & prefix_mask(rt_class_len(addr));
}

bool
rip_summarises(const struct vector_edge *e, struct prefix to)
{
	return rip_is_classful(e->x->proc->rip) && to.len && to.len == rt_class_len(to.addr) &&
	       major_of(e->out->addr) != to.addr;
}

/*
 * A subnet does not leave its network. Version 1 tells no masks: within a network who hears takes
 * its own, so that only what has that very mask is told, and hosts (RFC 1058 3.2).
 */
bool
rip_keeps_back(const struct vector_edge *e, struct prefix to)
{
	uint8_t len = rt_class_len(to.addr);
	bool same = major_of(to.addr) == major_of(e->out->addr);

	if (to.len == 0)
		return false;
	if (!same && to.len > len)
		return rip_is_classful(e->x->proc->rip);
	if (e->x->proc->rip->version == 2)
		return false;
	if (to.len < len)
		return true;
	return same && to.len != 32 && (to.len != e->out->len || to.len != e->in->len);
}
