/* SPDX-License-Identifier: Apache-2.0 */
/* What routing protocols say alike: see compile_routing.h. */
#include "compiler/compile/compile_routing.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/hidden.h"
#include "compiler/base/text.h"
#include "compiler/frr/frr.h"
#include "compiler/policy/port.h"

/* --- words ------------------------------------------------------------------------------------ */

uint32_t
read_routing_number(const struct tnode *parent, enum gram_key key, enum gram_arg arg, uint32_t dflt)
{
	const struct tnode *n = tnode_first(parent, key);

	return n && tnode_has(n, arg) ? tnode_u32(n, arg) : dflt;
}

const char *
read_routing_name(struct compiler *c, const struct tnode *n, enum gram_arg arg)
{
	const char *name = n ? tnode_str(n, arg) : NULL;

	return name ? arena_strdup(c->arena, name) : NULL;
}

struct prefix
read_routing_prefix(const struct tnode *n)
{
	uint32_t mask = tnode_u32(n, ARG_MASK);

	return (struct prefix){tnode_u32(n, ARG_ADDRESS) & mask, mask_len(mask)};
}

void
read_routing_metrics(const struct tnode *n, uint32_t ret[ROUTING_EIGRP_METRICS])
{
	static const enum gram_arg args[ROUTING_EIGRP_METRICS] = {
	    ARG_KBITS, ARG_DELAY, ARG_RELIABILITY, ARG_LOAD, ARG_MTU};

	for (size_t i = 0; n && i < ROUTING_EIGRP_METRICS; i++)
		if (tnode_has(n, args[i]))
			ret[i] = tnode_u32(n, args[i]);
}

struct span
read_routing_password(struct compiler *c, const struct tnode *n)
{
	const char *text = n ? tnode_str(n, ARG_PASSWORD) : NULL;
	char *clear;

	if (!text)
		return (struct span){0};
	clear = arena_alloc(c->arena, strlen(text) + 1);
	if (!tnode_says(n, ARG_FORM, "7"))
		memcpy(clear, text, strlen(text) + 1);
	else
		hidden_show(text, clear, strlen(text) + 1); /* what is none was refused */
	return SPAN(clear, strlen(clear));
}

/* --- networks --------------------------------------------------------------------------------- */

static struct policy_network
network_of(const struct tnode *n)
{
	uint32_t addr = tnode_u32(n, ARG_ADDRESS);
	uint32_t mask = tnode_has(n, ARG_MASK)   ? tnode_u32(n, ARG_MASK)
	                : tnode_has(n, ARG_WILD) ? ~tnode_u32(n, ARG_WILD)
	                                         : addr_class_mask(addr);

	return (struct policy_network){addr & mask, mask, tnode_u32(n, ARG_AREA)};
}

const struct policy_network *
read_routing_networks(struct compiler *c, const struct tnode *parent, enum gram_key key,
                      size_t *ret_n)
{
	struct policy_network *list = read_array(c, parent, key, sizeof(*list));
	const struct tnode *n;
	size_t count = 0;

	for (EACH(n, parent, key))
		list[count++] = network_of(n);
	*ret_n = count;
	return list;
}

static bool
same_table(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool
routing_has_address(const struct compiler *c, const char *vrf)
{
	for (size_t i = 0; i < c->policy->n_interfaces; i++)
		if (c->policy->interfaces[i].has_address &&
		    same_table(c->policy->interfaces[i].vrf, vrf))
			return true;
	return false;
}

void
check_routing_networks(struct compiler *c, const struct tnode *parent, enum gram_key key,
                       const char *vrf)
{
	const struct tnode *n;

	for (EACH(n, parent, key)) {
		struct policy_network net = network_of(n);
		struct word at = read_word(c, n, ARG_ADDRESS);
		size_t i = 0;

		while (i < c->policy->n_interfaces) {
			const struct policy_interface *e = &c->policy->interfaces[i];

			if (e->has_address && ((e->addr ^ net.addr) & net.mask) == 0 &&
			    same_table(e->vrf, vrf))
				break;
			i++;
		}
		if (i == c->policy->n_interfaces)
			complain(c, DIAG_WARNING, "routing-network-idle", &at, NULL,
			         "no interface has an address in this network: the line brings "
			         "no interface into the protocol");
	}
}

/* --- lists of a process ----------------------------------------------------------------------- */

const char *
read_routing_interface(struct compiler *c, const struct tnode *n)
{
	const char *nameif = tnode_str(n, ARG_NAMEIF);

	for (size_t i = 0; nameif && i < c->policy->n_interfaces; i++)
		if (c->policy->interfaces[i].nameif &&
		    strcmp(c->policy->interfaces[i].nameif, nameif) == 0)
			return c->policy->interfaces[i].name;
	return read_routing_name(c, n, nameif ? ARG_NAMEIF : ARG_INTERFACE);
}

struct policy_passive
read_routing_passive(struct compiler *c, const struct tnode *parent, enum gram_key all,
                     enum gram_key each)
{
	struct policy_passive p = {.by_default = tnode_first(parent, all)};
	const char **names = read_array(c, parent, each, sizeof(*names));
	const struct tnode *n;

	for (EACH(n, parent, each))
		if (tnode_negated(n) == p.by_default)
			names[p.n++] = read_routing_interface(c, n);
	p.names = names;
	return p;
}

static enum routing_source
source_of(const struct tnode *n)
{
	static const char *const words[ROUTING_SOURCES] = {"connected", "static", "rip",
	                                                   "eigrp",     "ospf",   "bgp"};
	size_t i = 0;

	while (i + 1 < ROUTING_SOURCES && !tnode_says(n, ARG_FROM, words[i]))
		i++;
	return (enum routing_source)i;
}

static struct policy_redistribute
redistribute_of(struct compiler *c, const struct tnode *n)
{
	struct policy_redistribute r = {
	    .from = source_of(n),
	    .process = tnode_u32(n, ARG_PROCESS),
	    .subnets = tnode_has(n, ARG_SUBNETS),
	    .has_metric = tnode_has(n, ARG_METRIC) || tnode_has(n, ARG_KBITS),
	    .metric = tnode_u32(n, ARG_METRIC),
	    .metric_type =
		tnode_has(n, ARG_METRIC_TYPE) ? (uint8_t)tnode_u32(n, ARG_METRIC_TYPE) : 2,
	    .tag = tnode_u32(n, ARG_TAG),
	    .internal = tnode_has(n, ARG_INTERNAL),
	    .map = read_routing_map(c, n, ARG_ROUTE_MAP),
	    .map_name = read_routing_name(c, n, ARG_ROUTE_MAP),
	};
	bool one = tnode_has(n, ARG_EXTERNAL1), two = tnode_has(n, ARG_EXTERNAL2);

	r.external1 = one || (tnode_has(n, ARG_EXTERNAL) && !two);
	r.external2 = two || (tnode_has(n, ARG_EXTERNAL) && !one);
	read_routing_metrics(n, r.metrics);
	return r;
}

const struct policy_redistribute *
read_routing_redistributes(struct compiler *c, const struct tnode *parent, enum gram_key key,
                           size_t *ret_n)
{
	struct policy_redistribute *list = read_array(c, parent, key, sizeof(*list));
	const struct tnode *n;
	size_t count = 0;

	for (EACH(n, parent, key))
		list[count++] = redistribute_of(c, n);
	*ret_n = count;
	return list;
}

const struct policy_route_filter *
read_routing_filters(struct compiler *c, const struct tnode *parent, enum gram_key key,
                     size_t *ret_n)
{
	struct policy_route_filter *list = read_array(c, parent, key, sizeof(*list));
	const struct tnode *n;
	size_t count = 0;

	for (EACH(n, parent, key))
		list[count++] = (struct policy_route_filter){
		    .acl = read_routing_acl(c, n, ARG_ACL),
		    .prefix_list = read_routing_prefix_list(c, n, ARG_PREFIX_LIST),
		    .map = read_routing_map(c, n, ARG_ROUTE_MAP),
		    .interface = read_routing_interface(c, n),
		    .out = tnode_says(n, ARG_DIRECTION, "out"),
		    .by_source = tnode_has(n, ARG_FROM),
		    .from = source_of(n),
		    .process = tnode_u32(n, ARG_PROCESS),
		};
	*ret_n = count;
	return list;
}

const uint32_t *
read_routing_neighbors(struct compiler *c, const struct tnode *parent, enum gram_key key,
                       size_t *ret_n)
{
	uint32_t *list = read_array(c, parent, key, sizeof(*list));
	const struct tnode *n;
	size_t count = 0;

	for (EACH(n, parent, key))
		list[count++] = tnode_u32(n, ARG_ADDRESS);
	*ret_n = count;
	return list;
}

/* --- references ------------------------------------------------------------------------------- */

const struct policy_acl *
read_routing_acl_named(struct compiler *c, const struct word *name)
{
	struct raw_acl *raw = name->text ? raw_acl_find(c, name->text) : NULL;

	if (raw)
		raw->used = true;
	else if (name->text)
		complain(c, DIAG_WARNING, "routing-undefined", name,
		         NEAREST(c, name->text, c->raw.acls, c->raw.n_acls),
		         "access list %s does not exist: every route passes", name->text);
	return raw ? policy_acl_find(c->policy, name->text) : NULL;
}

const struct policy_prefix_list *
read_routing_prefix_list_named(struct compiler *c, const struct word *name)
{
	const struct policy_routing *r = &c->policy->routing;

	for (size_t i = 0; name->text && i < r->n_prefix_lists; i++)
		if (strcmp(r->prefix_lists[i].name, name->text) == 0)
			return &r->prefix_lists[i];
	if (name->text)
		complain(c, DIAG_WARNING, "routing-undefined", name, NULL,
		         "prefix list %s does not exist: every route passes", name->text);
	return NULL;
}

const struct policy_acl *
read_routing_acl(struct compiler *c, const struct tnode *n, enum gram_arg arg)
{
	struct word name = read_word(c, n, arg);

	return read_routing_acl_named(c, &name);
}

const struct policy_prefix_list *
read_routing_prefix_list(struct compiler *c, const struct tnode *n, enum gram_arg arg)
{
	struct word name = read_word(c, n, arg);

	return read_routing_prefix_list_named(c, &name);
}

const struct policy_route_map *
read_routing_map(struct compiler *c, const struct tnode *n, enum gram_arg arg)
{
	const struct policy_routing *r = &c->policy->routing;
	struct word name = read_word(c, n, arg);
	struct policy_route_map *none;

	if (!name.text)
		return NULL;
	for (size_t i = 0; i < r->n_route_maps; i++)
		if (strcmp(r->route_maps[i].name, name.text) == 0)
			return &r->route_maps[i];
	complain(c, DIAG_WARNING, "routing-undefined", &name, NULL,
	         "route map %s does not exist: no route passes", name.text);
	none = arena_alloc(c->arena, sizeof(*none));
	none->name = name.text;
	return none;
}

/* --- interfaces ------------------------------------------------------------------------------- */

/* What an interface reckons with: as configured, else by its type and speed. */
static void
read_bandwidth(const struct tnode *n, struct policy_interface *e)
{
	const struct port_type *type = port_type_of(e->name);
	const struct tnode *speed = tnode_first(n, KEY_IF_SPEED);
	unsigned long mbits;

	e->bandwidth = type ? type->bandwidth : 0;
	e->delay = type ? type->delay / 10 : 0;
	mbits = speed ? strtoul(tnode_str(speed, ARG_SPEED), NULL, 10) : 0; /* "auto": 0 */
	if (mbits && mbits <= UINT32_MAX / 1000 && mbits * 1000 < e->bandwidth) {
		e->bandwidth = (uint32_t)mbits * 1000;
		e->delay = 1000 / (uint32_t)mbits;
	}
	e->bandwidth = read_routing_number(n, KEY_IF_BANDWIDTH, ARG_KBPS, e->bandwidth);
	e->delay = read_routing_number(n, KEY_IF_DELAY, ARG_DELAY, e->delay);
}

static void
read_interfaces(struct compiler *c, const struct tnode *top)
{
	for (size_t i = 0; i < c->policy->n_interfaces; i++) {
		struct policy_interface *e = &c->interfaces[i];
		const struct tnode *n = tnode_named(top, KEY_INTERFACE, ARG_NAME, e->name);

		if (!n)
			continue;
		read_bandwidth(n, e);
		compile_ospf_interface(c, n, e);
		compile_eigrp_interface(c, n, e);
	}
}

/* --- on a machine ----------------------------------------------------------------------------- */

struct lacking {
	struct compiler *c;
	const struct tnode *top;
};

/* The line of what a lack is of; NULL: there is none. */
static const struct tnode *
line_of(const struct tnode *top, const struct frr_lack *lack)
{
	static const struct {
		enum gram_key key;
		enum gram_arg arg;
	} places[] = {[FRR_AT_OSPF] = {KEY_ROUTER_OSPF, ARG_PROCESS},
	              [FRR_AT_EIGRP] = {KEY_ROUTER_EIGRP, ARG_AS},
	              [FRR_AT_RIP] = {KEY_ROUTER_RIP, ARG_NAME},
	              [FRR_AT_BGP] = {KEY_ROUTER_BGP, ARG_AS},
	              [FRR_AT_ROUTE_MAP] = {KEY_ROUTE_MAP, ARG_NAME},
	              [FRR_AT_INTERFACE] = {KEY_INTERFACE, ARG_NAME}};
	const struct tnode *n;

	for (EACH(n, top, places[lack->place].key)) {
		if (lack->name ? tnode_says(n, places[lack->place].arg, lack->name)
		               : lack->place == FRR_AT_RIP ||
		                     tnode_u32(n, places[lack->place].arg) == lack->number)
			return n;
	}
	return NULL;
}

static void
say_lack(void *arg, const struct frr_lack *lack)
{
	struct lacking *l = arg;
	const struct tnode *n = line_of(l->top, lack);
	struct word at = {.text = NULL};

	if (n)
		at = read_line(l->c, n);
	complain(l->c, DIAG_WARNING, "frr-lacks", &at, NULL, "FRR lacks: %s", lack->what);
}

/* FRR says what it cannot do; without it the protocols do not run, which is said once. */
static void
check_place(struct compiler *c, const struct tnode *top)
{
	struct lacking l = {c, top};
	const struct frr_options o = {.lacks = say_lack, .arg = &l};
	struct text nowhere = TEXT_INIT;
	static const enum gram_key keys[] = {KEY_ROUTER_EIGRP, KEY_ROUTER_OSPF, KEY_ROUTER_RIP,
	                                     KEY_ROUTER_BGP};
	const struct tnode *n = NULL;
	struct word at;

	for (size_t i = 0; i < ARRAY_SIZE(keys) && !n; i++)
		n = tnode_first(top, keys[i]);
	if (!n || !c->facts->plain_host)
		return;
	if (c->facts->speaks) {
		frr_render(c->policy, &o, &nowhere);
		text_fini(&nowhere);
		return;
	}
	at = read_line(c, n);
	complain(c, DIAG_WARNING, "routing-not-run", &at, NULL,
	         "on Linux FRR speaks routing protocols, and it is not here (package frr): the "
	         "system's routes count");
}

void
compile_routing(struct compiler *c, const struct tnode *top)
{
	read_interfaces(c, top);
	compile_route_maps(c, top);
	compile_ospf(c, top);
	compile_eigrp(c, top);
	compile_rip(c, top);
	compile_bgp(c, top);
	compile_mpls(c, top);
	check_place(c, top);
}
