/* SPDX-License-Identifier: Apache-2.0 */
/* OSPF: `router ospf`, `ip ospf ...` of interfaces, and a firewall's `ospf ...`. */
#include "compiler/compile/compile_routing.h"

#include <stdlib.h>
#include <string.h>

/* --- areas ------------------------------------------------------------------------------------ */

/* The areas of a process in the order of their first lines, and where each is found by number. */
struct areas {
	size_t n;
	struct policy_ospf_area *at;
	struct area_place {
		uint32_t area;
		size_t at;
	} * places; /* by area */
};

static int
place_by_area(const void *a, const void *b)
{
	const struct area_place *x = a, *y = b;

	return x->area != y->area ? (x->area > y->area) - (x->area < y->area)
	                          : (x->at > y->at) - (x->at < y->at);
}

static int
place_by_line(const void *a, const void *b)
{
	const struct area_place *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/* The area of a line; it is one of those that all_areas() has found. */
static struct policy_ospf_area *
area_of(const struct areas *a, const struct tnode *n)
{
	uint32_t area = tnode_u32(n, ARG_AREA);
	size_t low = 0, high = a->n;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (a->places[middle].area <= area)
			low = middle;
		else
			high = middle;
	}
	return &a->at[a->places[low].at];
}

/* A place for every line, sorted, of which each area keeps its first. */
static struct areas
all_areas(struct compiler *c, const struct tnode *process, const enum gram_key *keys, size_t n_keys)
{
	struct areas ret = {0};
	const struct tnode *n;
	size_t lines = 0;

	for (size_t i = 0; i < n_keys; i++)
		for (EACH(n, process, keys[i]))
			lines++;
	ret.places = arena_alloc(c->arena, lines * sizeof(*ret.places));
	lines = 0;
	for (size_t i = 0; i < n_keys; i++)
		for (EACH(n, process, keys[i])) {
			ret.places[lines] = (struct area_place){tnode_u32(n, ARG_AREA), lines};
			lines++;
		}
	qsort(ret.places, lines, sizeof(*ret.places), place_by_area);
	for (size_t i = 0; i < lines; i++)
		if (!ret.n || ret.places[ret.n - 1].area != ret.places[i].area)
			ret.places[ret.n++] = ret.places[i];
	ret.at = arena_alloc(c->arena, ret.n * sizeof(*ret.at));
	qsort(ret.places, ret.n, sizeof(*ret.places), place_by_line);
	for (size_t i = 0; i < ret.n; i++) {
		ret.at[i] =
		    (struct policy_ospf_area){.area = ret.places[i].area, .default_metric_type = 2};
		ret.places[i].at = i;
	}
	qsort(ret.places, ret.n, sizeof(*ret.places), place_by_area);
	return ret;
}

static void
read_kind(struct policy_ospf_area *a, const struct tnode *n, bool nssa)
{
	a->stub = !nssa;
	a->nssa = nssa;
	a->no_summary = tnode_has(n, ARG_NO_SUMMARY);
	a->default_originate = nssa && tnode_has(n, ARG_ORIGINATE);
	a->no_redistribution = tnode_has(n, ARG_NO_REDISTRIBUTION);
	a->default_metric = tnode_u32(n, ARG_METRIC);
	if (tnode_has(n, ARG_METRIC_TYPE))
		a->default_metric_type = (uint8_t)tnode_u32(n, ARG_METRIC_TYPE);
}

/* The ranges, or the virtual links, of each area are a piece of one array for all of them. */
static void
read_ranges(struct compiler *c, const struct tnode *process, const struct areas *areas)
{
	struct policy_ospf_range *all = read_array(c, process, KEY_OSPF_AREA_RANGE, sizeof(*all));
	const struct tnode *n;
	size_t used = 0;

	for (EACH(n, process, KEY_OSPF_AREA_RANGE))
		area_of(areas, n)->n_ranges++;
	for (size_t i = 0; i < areas->n; i++) {
		areas->at[i].ranges = all + used;
		used += areas->at[i].n_ranges;
		areas->at[i].n_ranges = 0;
	}
	for (EACH(n, process, KEY_OSPF_AREA_RANGE)) {
		struct policy_ospf_area *a = area_of(areas, n);

		all[a->ranges - all + (ptrdiff_t)a->n_ranges++] = (struct policy_ospf_range){
		    .prefix = read_routing_prefix(n),
		    .advertise = !tnode_says(n, ARG_ADVERTISE, "not-advertise"),
		    .cost = tnode_u32(n, ARG_COST),
		};
	}
}

static void
read_virtual_links(struct compiler *c, const struct tnode *process, const struct areas *areas)
{
	uint32_t *all = read_array(c, process, KEY_OSPF_AREA_VIRTUAL_LINK, sizeof(*all));
	const struct tnode *n;
	size_t used = 0;

	for (EACH(n, process, KEY_OSPF_AREA_VIRTUAL_LINK))
		area_of(areas, n)->n_virtual_links++;
	for (size_t i = 0; i < areas->n; i++) {
		areas->at[i].virtual_links = all + used;
		used += areas->at[i].n_virtual_links;
		areas->at[i].n_virtual_links = 0;
	}
	for (EACH(n, process, KEY_OSPF_AREA_VIRTUAL_LINK)) {
		struct policy_ospf_area *a = area_of(areas, n);

		all[a->virtual_links - all + (ptrdiff_t)a->n_virtual_links++] =
		    tnode_u32(n, ARG_ADDRESS);
	}
}

static void
read_areas(struct compiler *c, const struct tnode *process, struct policy_ospf *o)
{
	static const enum gram_key keys[] = {
	    KEY_OSPF_AREA_AUTHENTICATION, KEY_OSPF_AREA_STUB,  KEY_OSPF_AREA_NSSA,
	    KEY_OSPF_AREA_DEFAULT_COST,   KEY_OSPF_AREA_RANGE, KEY_OSPF_AREA_VIRTUAL_LINK};
	struct areas areas = all_areas(c, process, keys, ARRAY_SIZE(keys));
	const struct tnode *n;

	for (EACH(n, process, KEY_OSPF_AREA_AUTHENTICATION))
		area_of(&areas, n)->auth =
		    tnode_has(n, ARG_DIGEST) ? OSPF_AUTH_MD5 : OSPF_AUTH_TEXT;
	for (EACH(n, process, KEY_OSPF_AREA_STUB))
		read_kind(area_of(&areas, n), n, false);
	for (EACH(n, process, KEY_OSPF_AREA_NSSA))
		read_kind(area_of(&areas, n), n, true);
	for (EACH(n, process, KEY_OSPF_AREA_DEFAULT_COST))
		area_of(&areas, n)->default_cost = tnode_u32(n, ARG_COST);
	read_ranges(c, process, &areas);
	read_virtual_links(c, process, &areas);
	o->areas = areas.at;
	o->n_areas = areas.n;
}

/* --- a process -------------------------------------------------------------------------------- */

static void
read_default_route(struct compiler *c, const struct tnode *process, struct policy_ospf *o)
{
	const struct tnode *n = tnode_first(process, KEY_OSPF_DEFAULT_INFORMATION);

	o->default_metric_type = 2;
	if (!n)
		return;
	o->default_originate = true;
	o->default_always = tnode_has(n, ARG_ALWAYS);
	o->default_metric_originated = tnode_u32(n, ARG_METRIC);
	if (tnode_has(n, ARG_METRIC_TYPE))
		o->default_metric_type = (uint8_t)tnode_u32(n, ARG_METRIC_TYPE);
	o->default_map = read_routing_map(c, n, ARG_ROUTE_MAP);
}

static void
read_distances(const struct tnode *process, struct policy_ospf *o)
{
	static const enum gram_arg args[] = {ARG_INTRA, ARG_INTER, ARG_EXTERNAL};
	uint32_t all = read_routing_number(process, KEY_OSPF_DISTANCE, ARG_DISTANCE, 0);

	for (size_t i = 0; i < ARRAY_SIZE(args); i++)
		o->distance[i] =
		    (uint8_t)read_routing_number(process, KEY_OSPF_DISTANCE_OSPF, args[i], all);
}

static void
read_summaries(struct compiler *c, const struct tnode *process, struct policy_ospf *o)
{
	struct policy_ospf_summary *list =
	    read_array(c, process, KEY_OSPF_SUMMARY_ADDRESS, sizeof(*list));
	const struct tnode *n;

	for (EACH(n, process, KEY_OSPF_SUMMARY_ADDRESS))
		list[o->n_summaries++] = (struct policy_ospf_summary){
		    .prefix = read_routing_prefix(n),
		    .advertise = !tnode_has(n, ARG_ADVERTISE),
		    .tag = tnode_u32(n, ARG_TAG),
		};
	o->summaries = list;
}

/* `mpls ldp autoconfig`, with or without an area. */
static void
read_ldp(struct compiler *c, const struct tnode *process, struct policy_ospf *o)
{
	uint32_t *areas = read_array(c, process, KEY_OSPF_LDP_AUTOCONFIG, sizeof(*areas));
	const struct tnode *n;

	for (EACH(n, process, KEY_OSPF_LDP_AUTOCONFIG))
		if (tnode_has(n, ARG_AREA))
			areas[o->n_ldp_areas++] = tnode_u32(n, ARG_AREA);
		else
			o->ldp_everywhere = true;
	o->ldp_areas = areas;
}

static struct policy_ospf
read_process(struct compiler *c, const struct tnode *n)
{
	const struct tnode *log = tnode_first(n, KEY_OSPF_LOG_ADJACENCY);
	const struct tnode *rfc1583 = tnode_first(n, KEY_OSPF_RFC1583);
	struct policy_ospf o = {
	    .process = tnode_u32(n, ARG_PROCESS),
	    .vrf = read_routing_name(c, n, ARG_VRF),
	    .shutdown = tnode_first(n, KEY_OSPF_SHUTDOWN),
	    .router_id = read_routing_number(n, KEY_OSPF_ROUTER_ID, ARG_ADDRESS, 0),
	    .reference_bandwidth =
		read_routing_number(n, KEY_OSPF_REFERENCE_BANDWIDTH, ARG_MBPS, 0),
	    .maximum_paths = (uint8_t)read_routing_number(n, KEY_OSPF_MAXIMUM_PATHS, ARG_PATHS, 0),
	    .default_metric = read_routing_number(n, KEY_OSPF_DEFAULT_METRIC, ARG_METRIC, 0),
	    .log_adjacency_changes = !log || !tnode_negated(log),
	    .log_detail = log && tnode_has(log, ARG_DETAIL),
	    .strict_paths = rfc1583 && tnode_negated(rfc1583),
	    .passive = read_routing_passive(c, n, KEY_OSPF_PASSIVE_DEFAULT, KEY_OSPF_PASSIVE),
	    .vrf_lite = tnode_first(n, KEY_OSPF_VRF_LITE),
	    .domain_id = read_routing_number(n, KEY_OSPF_DOMAIN_ID, ARG_DOMAIN, 0),
	};

	read_areas(c, n, &o);
	read_default_route(c, n, &o);
	read_distances(n, &o);
	read_summaries(c, n, &o);
	read_ldp(c, n, &o);
	o.networks = read_routing_networks(c, n, KEY_OSPF_NETWORK, &o.n_networks);
	o.redistributes =
	    read_routing_redistributes(c, n, KEY_OSPF_REDISTRIBUTE, &o.n_redistributes);
	o.filters = read_routing_filters(c, n, KEY_OSPF_DISTRIBUTE_LIST, &o.n_filters);
	o.neighbors = read_routing_neighbors(c, n, KEY_OSPF_NEIGHBOR, &o.n_neighbors);
	check_routing_networks(c, n, KEY_OSPF_NETWORK, o.vrf);
	return o;
}

/* A process without an address to be known by does not run. */
static void
check_router_id(struct compiler *c, const struct tnode *n, const struct policy_ospf *o)
{
	struct word at = read_line(c, n);

	if (o->router_id || routing_has_address(c, o->vrf))
		return;
	complain(
	    c, DIAG_WARNING, "ospf-no-router-id", &at, "router-id",
	    "OSPF process %u has no router identifier, for no interface has an address: it does "
	    "not run",
	    o->process);
}

void
compile_ospf(struct compiler *c, const struct tnode *top)
{
	struct policy_ospf *list = read_array(c, top, KEY_ROUTER_OSPF, sizeof(*list));
	const struct tnode *n;
	size_t count = 0;

	for (EACH(n, top, KEY_ROUTER_OSPF)) {
		list[count] = read_process(c, n);
		check_router_id(c, n, &list[count++]);
	}
	c->policy->routing.ospf = list;
	c->policy->routing.n_ospf = count;
}

/* --- an interface ----------------------------------------------------------------------------- */

static enum ospf_network
network_named(const struct tnode *n)
{
	return tnode_says(n, ARG_NETWORK, "broadcast")             ? OSPF_BROADCAST
	       : tnode_says(n, ARG_NETWORK, "non-broadcast")       ? OSPF_NBMA
	       : tnode_says(n, ARG_NETWORK, "point-to-point")      ? OSPF_POINT_TO_POINT
	       : tnode_says(n, ARG_NETWORK, "point-to-multipoint") ? OSPF_POINT_TO_MULTIPOINT
	                                                           : OSPF_NETWORK_DEFAULT;
}

static enum ospf_auth
auth_named(const struct tnode *n)
{
	return !n                                  ? OSPF_AUTH_UNSET
	       : tnode_says(n, ARG_DIGEST, "null") ? OSPF_AUTH_NULL
	       : tnode_has(n, ARG_DIGEST)          ? OSPF_AUTH_MD5
	                                           : OSPF_AUTH_TEXT;
}

/* The key of its kind of authentication; of several for MD5 the last. */
static void
read_keys(struct compiler *c, const struct tnode *interface, struct policy_ospf_interface *o)
{
	const struct tnode *n = tnode_first(interface, KEY_IF_OSPF_KEY), *digest = NULL, *each;

	for (EACH(each, interface, KEY_IF_OSPF_DIGEST_KEY))
		digest = each;
	if (digest && o->auth != OSPF_AUTH_TEXT) {
		o->key_id = (uint8_t)tnode_u32(digest, ARG_KEY_ID);
		n = digest;
	}
	o->key = read_routing_password(c, n);
}

void
compile_ospf_interface(struct compiler *c, const struct tnode *n, struct policy_interface *e)
{
	const struct tnode *area = tnode_first(n, KEY_IF_OSPF_AREA);
	struct policy_ospf_interface o = {
	    .process = area ? tnode_u32(area, ARG_PROCESS) : 0,
	    .area = area ? tnode_u32(area, ARG_AREA) : 0,
	    .cost = read_routing_number(n, KEY_IF_OSPF_COST, ARG_COST, 0),
	    .network = network_named(tnode_first(n, KEY_IF_OSPF_NETWORK)),
	    .priority = -1,
	    .hello = read_routing_number(n, KEY_IF_OSPF_HELLO, ARG_SECONDS, 0),
	    .dead = read_routing_number(n, KEY_IF_OSPF_DEAD, ARG_SECONDS, 0),
	    .auth = auth_named(tnode_first(n, KEY_IF_OSPF_AUTHENTICATION)),
	    .mtu_ignore = tnode_first(n, KEY_IF_OSPF_MTU_IGNORE),
	};

	if (tnode_first(n, KEY_IF_OSPF_PRIORITY))
		o.priority = (int16_t)tnode_u32(tnode_first(n, KEY_IF_OSPF_PRIORITY), ARG_PRIORITY);
	read_keys(c, n, &o);
	e->ospf = arena_memdup(c->arena, &o, sizeof(o));
}
