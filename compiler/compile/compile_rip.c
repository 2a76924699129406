/* SPDX-License-Identifier: Apache-2.0 */
/* RIP: `router rip`, and its address families of VRFs. */
#include "compiler/compile/compile_routing.h"

/* What a VRF does not say itself, it has from the process above it. */
static const struct tnode *
first_of(const struct tnode *n, const struct tnode *above, enum gram_key key)
{
	const struct tnode *own = tnode_first(n, key);

	return own || !above ? own : tnode_first(above, key);
}

static struct policy_rip
read_process(struct compiler *c, const struct tnode *n, const struct tnode *above)
{
	const struct tnode *summary = first_of(n, above, KEY_RIP_AUTO_SUMMARY);
	const struct tnode *version = first_of(n, above, KEY_RIP_VERSION);
	struct policy_rip r = {
	    .configured = true,
	    .version = version ? (uint8_t)tnode_u32(version, ARG_VERSION) : 0,
	    .vrf = read_routing_name(c, n, ARG_VRF),
	    .auto_summary = !summary || !tnode_negated(summary),
	    .distance = (uint8_t)read_routing_number(n, KEY_RIP_DISTANCE, ARG_DISTANCE, 0),
	    .maximum_paths = (uint8_t)read_routing_number(n, KEY_RIP_MAXIMUM_PATHS, ARG_PATHS, 0),
	    .default_metric = read_routing_number(n, KEY_RIP_DEFAULT_METRIC, ARG_METRIC, 0),
	    .default_originate = tnode_first(n, KEY_RIP_DEFAULT_INFORMATION),
	    .update = read_routing_number(n, KEY_RIP_TIMERS, ARG_UPDATE, 0),
	    .invalid = read_routing_number(n, KEY_RIP_TIMERS, ARG_INVALID, 0),
	    .holddown = read_routing_number(n, KEY_RIP_TIMERS, ARG_HOLDDOWN, 0),
	    .flush = read_routing_number(n, KEY_RIP_TIMERS, ARG_FLUSH, 0),
	    .passive = read_routing_passive(c, n, KEY_RIP_PASSIVE_DEFAULT, KEY_RIP_PASSIVE),
	};

	r.default_map =
	    read_routing_map(c, tnode_first(n, KEY_RIP_DEFAULT_INFORMATION), ARG_ROUTE_MAP);
	r.networks = read_routing_networks(c, n, KEY_RIP_NETWORK, &r.n_networks);
	r.redistributes =
	    read_routing_redistributes(c, n, KEY_RIP_REDISTRIBUTE, &r.n_redistributes);
	r.filters = read_routing_filters(c, n, KEY_RIP_DISTRIBUTE_LIST, &r.n_filters);
	r.neighbors = read_routing_neighbors(c, n, KEY_RIP_NEIGHBOR, &r.n_neighbors);
	check_routing_networks(c, n, KEY_RIP_NETWORK, r.vrf);
	return r;
}

void
compile_rip(struct compiler *c, const struct tnode *top)
{
	const struct tnode *n = tnode_first(top, KEY_ROUTER_RIP), *vrf;
	struct policy_routing *r = &c->policy->routing;
	struct policy_rip *list;

	if (!n)
		return;
	r->rip = read_process(c, n, NULL);
	list = read_array(c, n, KEY_RIP_VRF, sizeof(*list));
	for (EACH(vrf, n, KEY_RIP_VRF))
		list[r->n_rip_vrfs++] = read_process(c, vrf, n);
	r->rip_vrfs = list;
}
