/* SPDX-License-Identifier: Apache-2.0 */
/* Where routing protocols speak: see speaking.h. */
#include "compiler/policy/speaking.h"

#include <string.h>

#define REFERENCE 100 /* Mbit/s */
#define COST_MAX  65535

bool
policy_network_covers(const struct policy_network *networks, size_t n, uint32_t addr)
{
	for (size_t k = 0; k < n; k++) {
		uint32_t mask = networks[k].mask;

		if (!mask && networks[k].addr)
			mask = addr_class_mask(networks[k].addr);
		if (((networks[k].addr ^ addr) & mask) == 0)
			return true;
	}
	return false;
}

bool
policy_is_passive(const struct policy_passive *p, const char *interface)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->names[i], interface) == 0)
			return !p->by_default;
	return p->by_default;
}

uint32_t
policy_router_id(const struct policy *p)
{
	uint32_t best[2] = {0, 0}; /* of any interface, of a loopback */

	for (size_t k = 0; k < p->n_interfaces; k++) {
		const struct policy_interface *i = &p->interfaces[k];
		bool loopback = policy_names_loopback(i->name);

		if (i->has_address && !i->vrf && !i->shutdown && i->addr > best[loopback])
			best[loopback] = i->addr;
	}
	return best[1] ? best[1] : best[0];
}

/* --- OSPF ------------------------------------------------------------------------------------- */

bool
policy_ospf_area(const struct policy_ospf *conf, uint32_t addr, uint32_t *ret_area)
{
	int best = -1;

	for (size_t i = 0; i < conf->n_networks; i++) {
		const struct policy_network *w = &conf->networks[i];
		int bits = __builtin_popcount(w->mask);

		if (((w->addr ^ addr) & w->mask) == 0 && bits > best) {
			best = bits;
			*ret_area = w->area;
		}
	}
	return best >= 0;
}

static bool
same_table(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

const struct policy_ospf *
policy_ospf_at(const struct policy *p, const struct policy_interface *i, uint32_t *ret_area)
{
	for (size_t k = 0; i->has_address && k < p->routing.n_ospf; k++) {
		const struct policy_ospf *o = &p->routing.ospf[k];

		if (o->shutdown || !same_table(o->vrf, i->vrf))
			continue;
		if (!i->ospf || !i->ospf->process) {
			if (policy_ospf_area(o, i->addr, ret_area))
				return o;
		} else if (i->ospf->process == o->process) {
			*ret_area = i->ospf->area;
			return o;
		}
	}
	return NULL;
}

enum ospf_network
policy_ospf_network(const char *interface, const struct policy_ospf_interface *conf)
{
	if (conf && conf->network != OSPF_NETWORK_DEFAULT)
		return conf->network;
	if (strncmp(interface, "Serial", 6) == 0 || strncmp(interface, "Tunnel", 6) == 0 ||
	    policy_names_loopback(interface))
		return OSPF_POINT_TO_POINT;
	return OSPF_BROADCAST;
}

uint32_t
policy_ospf_cost(const struct policy_ospf *process, const struct policy_ospf_interface *conf,
                 uint32_t bandwidth)
{
	uint64_t reference =
	    process->reference_bandwidth ? process->reference_bandwidth : REFERENCE;
	uint64_t cost = reference * 1000 / bandwidth;

	if (conf && conf->cost)
		return conf->cost;
	return cost < 1 ? 1 : cost > COST_MAX ? COST_MAX : (uint32_t)cost;
}
