/* SPDX-License-Identifier: Apache-2.0 */
/* RIP (RFC 2453, RFC 1058): its interfaces, and who hears whom. */
#include "compiler/routing/vector_priv.h"

#define UPDATE  30 /* seconds */
#define INVALID 180

void
rip_interface(struct vector_if *x, const struct rt_iface *i)
{
	const struct policy_rip *conf = x->proc->rip;

	x->passive = rt_passive(&conf->passive, i->name) || policy_names_loopback(i->name);
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
