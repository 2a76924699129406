/* SPDX-License-Identifier: Apache-2.0 */
/* BGP: `router bgp AS`, its tables, and what they announce. */
#include "compiler/compile/compile_bgp.h"

#include <string.h>

#include "compiler/policy/vrf.h"

/* --- a table ---------------------------------------------------------------------------------- */

/* Room for the lines of a key in all nodes. */
static void *
array_of(struct compiler *c, const struct bgp_nodes *nodes, enum gram_key key, size_t size)
{
	const struct tnode *n;
	size_t count = 0;

	for (size_t i = 0; i < nodes->n; i++)
		for (EACH(n, nodes->at[i], key))
			count++;
	return arena_alloc(c->arena, count * size);
}

/* The nodes' one line of that key; NULL: none. */
static const struct tnode *
line_of(const struct bgp_nodes *nodes, enum gram_key key)
{
	const struct tnode *n = NULL;

	for (size_t i = 0; i < nodes->n && !n; i++)
		n = tnode_first(nodes->at[i], key);
	return n;
}

static uint8_t
octet_of(const struct bgp_nodes *nodes, enum gram_key key, enum gram_arg arg)
{
	const struct tnode *n = line_of(nodes, key);

	return n ? (uint8_t)tnode_u32(n, arg) : 0;
}

static void
read_announced(struct compiler *c, const struct bgp_nodes *nodes, struct policy_bgp_vrf *v)
{
	struct policy_bgp_network *list = array_of(c, nodes, KEY_BGP_NETWORK, sizeof(*list));
	const struct tnode *n;

	for (size_t i = 0; i < nodes->n; i++)
		for (EACH(n, nodes->at[i], KEY_BGP_NETWORK)) {
			uint32_t addr = tnode_u32(n, ARG_ADDRESS);
			uint32_t mask =
			    tnode_has(n, ARG_MASK) ? tnode_u32(n, ARG_MASK) : addr_class_mask(addr);

			list[v->n_networks++] = (struct policy_bgp_network){
			    .prefix = {addr & mask, mask_len(mask)},
			    .backdoor = tnode_has(n, ARG_BACKDOOR),
			    .map = read_routing_map(c, n, ARG_ROUTE_MAP),
			};
		}
	v->networks = list;
}

static void
read_aggregates(struct compiler *c, const struct bgp_nodes *nodes, struct policy_bgp_vrf *v)
{
	struct policy_bgp_aggregate *list = array_of(c, nodes, KEY_BGP_AGGREGATE, sizeof(*list));
	const struct tnode *n;

	for (size_t i = 0; i < nodes->n; i++)
		for (EACH(n, nodes->at[i], KEY_BGP_AGGREGATE))
			list[v->n_aggregates++] = (struct policy_bgp_aggregate){
			    .prefix = read_routing_prefix(n),
			    .summary_only = tnode_has(n, ARG_SUMMARY_ONLY),
			    .as_set = tnode_has(n, ARG_AS_SET),
			};
	v->aggregates = list;
}

/* Of two nodes whose lines count together both lists, one behind the other. */
static void
read_sources(struct compiler *c, const struct bgp_nodes *nodes, struct policy_bgp_vrf *v)
{
	struct policy_redistribute *list = array_of(c, nodes, KEY_BGP_REDISTRIBUTE, sizeof(*list));

	for (size_t i = 0; i < nodes->n; i++) {
		size_t n;
		const struct policy_redistribute *some =
		    read_routing_redistributes(c, nodes->at[i], KEY_BGP_REDISTRIBUTE, &n);

		for (size_t k = 0; k < n; k++)
			list[v->n_redistributes++] = some[k];
	}
	v->redistributes = list;
}

static struct policy_bgp_vrf
read_table(struct compiler *c, const struct bgp_place *place, const char *vrf)
{
	const struct bgp_nodes *nodes = &place->nodes;
	struct policy_bgp_vrf v = {
	    .vrf = vrf,
	    .auto_summary = line_of(nodes, KEY_BGP_AUTO_SUMMARY),
	    .synchronization = line_of(nodes, KEY_BGP_SYNCHRONIZATION),
	    .default_originate = line_of(nodes, KEY_BGP_DEFAULT_INFORMATION),
	    .maximum_paths = octet_of(nodes, KEY_BGP_MAXIMUM_PATHS, ARG_PATHS),
	    .maximum_paths_ibgp = octet_of(nodes, KEY_BGP_MAXIMUM_PATHS_IBGP, ARG_PATHS),
	    .distance = {octet_of(nodes, KEY_BGP_DISTANCE, ARG_OUTSIDE),
	                 octet_of(nodes, KEY_BGP_DISTANCE, ARG_INSIDE),
	                 octet_of(nodes, KEY_BGP_DISTANCE, ARG_LOCAL)},
	};

	read_announced(c, nodes, &v);
	read_aggregates(c, nodes, &v);
	read_sources(c, nodes, &v);
	v.neighbors = bgp_neighbors(c, place, &v.n_neighbors);
	return v;
}

/* --- the process ------------------------------------------------------------------------------ */

static uint32_t
router_id(struct compiler *c, const struct tnode *process)
{
	const struct tnode *n = tnode_first(process, KEY_BGP_ROUTER_ID);
	const char *name = n ? tnode_str(n, ARG_INTERFACE) : NULL;
	const struct policy_interface *e = name ? policy_interface_find(c->policy, name) : NULL;

	return e && e->has_address ? e->addr : n ? tnode_u32(n, ARG_ADDRESS) : 0;
}

/* --- VPNs ------------------------------------------------------------------------------------- */

/* The VRF's own line of that key, or that of its address family. */
static const struct tnode *
vrf_line(const struct tnode *top, const char *name, enum gram_key key)
{
	static const enum gram_key forms[] = {KEY_VRF, KEY_IP_VRF};
	const struct tnode *n = NULL, *vrf, *family;

	for (size_t i = 0; i < ARRAY_SIZE(forms) && !n; i++) {
		vrf = tnode_named(top, forms[i], ARG_NAME, name);
		family = vrf ? tnode_first(vrf, KEY_VRF_IPV4) : NULL;
		n = family ? tnode_first(family, key) : NULL;
		n = n || !vrf ? n : tnode_first(vrf, key);
	}
	return n;
}

/* With a route distinguisher it takes part in VPNs, as its route targets say. */
static void
read_vpn(struct compiler *c, const struct tnode *top, struct policy_bgp_vrf *v)
{
	const struct policy_vrf *vrf = policy_vrf_find(c->policy, v->vrf);

	if (!vrf || !vrf->has_rd || !vrf->ipv4)
		return;
	v->vpn = vrf;
	v->import_map = read_routing_map(c, vrf_line(top, v->vrf, KEY_VRF_IMPORT_MAP), ARG_MAP);
	v->export_map = read_routing_map(c, vrf_line(top, v->vrf, KEY_VRF_EXPORT_MAP), ARG_MAP);
}

static bool
is_listed(const struct policy_bgp_vrf *list, size_t n, const char *vrf)
{
	for (size_t k = 1; k < n; k++)
		if (strcmp(list[k].vrf, vrf) == 0)
			return true;
	return false;
}

/* A VRF with a route distinguisher has a table of BGP, whether it is typed or not. */
static void
add_silent_tables(struct compiler *c, struct policy_bgp_vrf *list, struct policy_bgp *b)
{
	for (size_t k = 0; k < c->policy->n_vrfs; k++) {
		const struct policy_vrf *vrf = &c->policy->vrfs[k];

		if (vrf->has_rd && vrf->n_imports && !is_listed(list, b->n_vrfs, vrf->name))
			list[b->n_vrfs++] = (struct policy_bgp_vrf){.vrf = vrf->name};
	}
}

static void
read_tables(struct compiler *c, const struct tnode *process, struct policy_bgp *b)
{
	const struct tnode *ipv4 = tnode_first(process, KEY_BGP_IPV4), *n;
	struct bgp_place global = {.nodes = {.n = ipv4 ? 2 : 1, .at = {process, ipv4}},
	                           .vpnv4 = tnode_first(process, KEY_BGP_VPNV4),
	                           .usually_active = !b->no_default_unicast,
	                           .as = b->as};
	struct policy_bgp_vrf *list;
	size_t count = 1;

	for (EACH(n, process, KEY_BGP_VRF))
		count++;
	list = arena_alloc(c->arena, (count + c->policy->n_vrfs) * sizeof(*list));
	list[b->n_vrfs++] = read_table(c, &global, NULL);
	for (EACH(n, process, KEY_BGP_VRF)) {
		struct bgp_place own = {.nodes = {.n = 1, .at = {n}},
		                        .usually_active = !b->no_default_unicast,
		                        .as = b->as};

		list[b->n_vrfs++] = read_table(c, &own, read_routing_name(c, n, ARG_VRF));
	}
	if (global.vpnv4)
		add_silent_tables(c, list, b);
	for (size_t k = 1; k < b->n_vrfs; k++)
		read_vpn(c, tnode_parent(process), &list[k]);
	b->vrfs = list;
}

void
compile_bgp(struct compiler *c, const struct tnode *top)
{
	const struct tnode *n = tnode_first(top, KEY_ROUTER_BGP);
	const struct tnode *unicast = n ? tnode_first(n, KEY_BGP_DEFAULT_UNICAST) : NULL;
	const struct tnode *filter = n ? tnode_first(n, KEY_BGP_DEFAULT_TARGET_FILTER) : NULL;
	struct policy_bgp *b = &c->policy->routing.bgp;

	if (!n)
		return;
	*b = (struct policy_bgp){
	    .as = tnode_u32(n, ARG_AS),
	    .router_id = router_id(c, n),
	    .cluster_id = read_routing_number(n, KEY_BGP_CLUSTER_ID, ARG_CLUSTER, 0),
	    .no_default_unicast = unicast && tnode_negated(unicast),
	    .no_target_filter = filter && tnode_negated(filter),
	    .always_compare_med = tnode_first(n, KEY_BGP_ALWAYS_COMPARE_MED),
	    .deterministic_med = tnode_first(n, KEY_BGP_DETERMINISTIC_MED),
	    .log_neighbor_changes = tnode_first(n, KEY_BGP_LOG_CHANGES),
	    .default_local_preference =
		read_routing_number(n, KEY_BGP_DEFAULT_PREFERENCE, ARG_PREFERENCE, 0),
	    .keepalive = read_routing_number(n, KEY_BGP_TIMERS, ARG_KEEPALIVE, 0),
	    .hold = read_routing_number(n, KEY_BGP_TIMERS, ARG_HOLD, 0),
	};
	read_tables(c, n, b);
}
