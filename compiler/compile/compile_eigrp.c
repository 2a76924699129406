/* SPDX-License-Identifier: Apache-2.0 */
/* EIGRP: `router eigrp AS`, its address families of VRFs, and what interfaces say. */
#include "compiler/compile/compile_routing.h"

#include <string.h>

/* --- a process -------------------------------------------------------------------------------- */

static void
read_stub(const struct tnode *parent, struct policy_eigrp *e)
{
	const struct tnode *n = tnode_first(parent, KEY_EIGRP_STUB);

	if (!n)
		return;
	e->stub = true;
	e->stub_connected = tnode_has(n, ARG_CONNECTED);
	e->stub_static = tnode_has(n, ARG_STATIC);
	e->stub_summary = tnode_has(n, ARG_SUMMARY);
	e->stub_redistributed = tnode_has(n, ARG_REDISTRIBUTED);
	e->stub_receive_only = tnode_has(n, ARG_RECEIVE_ONLY);
	if (!e->stub_connected && !e->stub_static && !e->stub_summary && !e->stub_redistributed &&
	    !e->stub_receive_only)
		e->stub_connected = e->stub_summary = true;
}

static void
read_weights(const struct tnode *parent, struct policy_eigrp *e)
{
	static const enum gram_arg args[] = {ARG_K1, ARG_K2, ARG_K3, ARG_K4, ARG_K5, ARG_K6};
	static const uint8_t usual[] = {1, 0, 1, 0, 0, 0};

	for (size_t i = 0; i < ARRAY_SIZE(args); i++)
		e->k[i] =
		    (uint8_t)read_routing_number(parent, KEY_EIGRP_WEIGHTS, args[i], usual[i]);
}

static void
read_eigrp_neighbors(struct compiler *c, const struct tnode *parent, struct policy_eigrp *e)
{
	struct policy_eigrp_neighbor *list =
	    read_array(c, parent, KEY_EIGRP_NEIGHBOR, sizeof(*list));
	const struct tnode *n;

	for (EACH(n, parent, KEY_EIGRP_NEIGHBOR))
		list[e->n_neighbors++] = (struct policy_eigrp_neighbor){
		    tnode_u32(n, ARG_ADDRESS), read_routing_interface(c, n)};
	e->neighbors = list;
}

static struct policy_eigrp
read_process(struct compiler *c, const struct tnode *n)
{
	const struct tnode *metric = tnode_first(n, KEY_EIGRP_DEFAULT_METRIC);
	struct policy_eigrp e = {
	    .as = tnode_u32(n, ARG_AS),
	    .vrf = read_routing_name(c, n, ARG_VRF),
	    .shutdown = tnode_first(n, KEY_EIGRP_SHUTDOWN),
	    .router_id = read_routing_number(n, KEY_EIGRP_ROUTER_ID, ARG_ADDRESS, 0),
	    .maximum_paths = (uint8_t)read_routing_number(n, KEY_EIGRP_MAXIMUM_PATHS, ARG_PATHS, 0),
	    .variance = (uint8_t)read_routing_number(n, KEY_EIGRP_VARIANCE, ARG_VARIANCE, 0),
	    .distance = {(uint8_t)read_routing_number(n, KEY_EIGRP_DISTANCE, ARG_INSIDE, 0),
	                 (uint8_t)read_routing_number(n, KEY_EIGRP_DISTANCE, ARG_OUTSIDE, 0)},
	    .auto_summary = tnode_first(n, KEY_EIGRP_AUTO_SUMMARY),
	    .has_default_metric = metric && tnode_has(metric, ARG_MTU),
	    .passive = read_routing_passive(c, n, KEY_EIGRP_PASSIVE_DEFAULT, KEY_EIGRP_PASSIVE),
	};

	e.as = read_routing_number(n, KEY_EIGRP_AS, ARG_AS, e.as);
	read_routing_metrics(metric, e.default_metric);
	read_stub(n, &e);
	read_weights(n, &e);
	read_eigrp_neighbors(c, n, &e);
	e.networks = read_routing_networks(c, n, KEY_EIGRP_NETWORK, &e.n_networks);
	e.redistributes =
	    read_routing_redistributes(c, n, KEY_EIGRP_REDISTRIBUTE, &e.n_redistributes);
	e.filters = read_routing_filters(c, n, KEY_EIGRP_DISTRIBUTE_LIST, &e.n_filters);
	check_routing_networks(c, n, KEY_EIGRP_NETWORK, e.vrf);
	return e;
}

/* An address family without a number of its own does not run. */
static void
check_number(struct compiler *c, const struct tnode *n, const struct policy_eigrp *e)
{
	struct word at = read_line(c, n);

	if (!e->as)
		complain(
		    c, DIAG_WARNING, "eigrp-no-as", &at, "autonomous-system",
		    "this address family has no autonomous system: EIGRP does not run in VRF %s",
		    e->vrf);
}

void
compile_eigrp(struct compiler *c, const struct tnode *top)
{
	struct policy_eigrp *list;
	const struct tnode *n, *vrf;
	size_t count = 0;

	for (EACH(n, top, KEY_ROUTER_EIGRP)) {
		count++;
		for (EACH(vrf, n, KEY_EIGRP_VRF))
			count++;
	}
	list = arena_alloc(c->arena, count * sizeof(*list));
	count = 0;
	for (EACH(n, top, KEY_ROUTER_EIGRP)) {
		list[count++] = read_process(c, n);
		for (EACH(vrf, n, KEY_EIGRP_VRF)) {
			list[count] = read_process(c, vrf);
			check_number(c, vrf, &list[count]);
			count += list[count].as != 0;
		}
	}
	c->policy->routing.eigrp = list;
	c->policy->routing.n_eigrp = count;
}

/* --- an interface ----------------------------------------------------------------------------- */

struct interface_settings {
	size_t n;
	struct policy_eigrp_interface *at;
};

static struct policy_eigrp_interface *
settings_of(struct interface_settings *s, uint32_t as)
{
	size_t i = 0;

	while (i < s->n && s->at[i].as != as)
		i++;
	if (i == s->n)
		s->at[s->n++].as = as;
	return &s->at[i];
}

static void
read_eigrp_summaries(struct compiler *c, const struct tnode *interface,
                     struct policy_eigrp_interface *e)
{
	struct prefix *list = read_array(c, interface, KEY_IF_EIGRP_SUMMARY, sizeof(*list));
	const struct tnode *n;

	for (EACH(n, interface, KEY_IF_EIGRP_SUMMARY))
		if (tnode_u32(n, ARG_AS) == e->as)
			list[e->n_summaries++] = read_routing_prefix(n);
	e->summaries = list;
}

void
compile_eigrp_interface(struct compiler *c, const struct tnode *n, struct policy_interface *e)
{
	static const enum gram_key keys[] = {KEY_IF_EIGRP_HELLO, KEY_IF_EIGRP_HOLD,
	                                     KEY_IF_EIGRP_SPLIT_HORIZON, KEY_IF_EIGRP_SUMMARY};
	struct interface_settings s = {0};
	const struct tnode *line;
	size_t most = 0;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		for (EACH(line, n, keys[i]))
			most++;
	s.at = arena_alloc(c->arena, most * sizeof(*s.at));
	for (EACH(line, n, KEY_IF_EIGRP_HELLO))
		settings_of(&s, tnode_u32(line, ARG_AS))->hello = tnode_u32(line, ARG_SECONDS);
	for (EACH(line, n, KEY_IF_EIGRP_HOLD))
		settings_of(&s, tnode_u32(line, ARG_AS))->hold = tnode_u32(line, ARG_SECONDS);
	for (EACH(line, n, KEY_IF_EIGRP_SPLIT_HORIZON))
		settings_of(&s, tnode_u32(line, ARG_AS))->no_split_horizon = tnode_negated(line);
	for (EACH(line, n, KEY_IF_EIGRP_SUMMARY))
		settings_of(&s, tnode_u32(line, ARG_AS));
	for (size_t i = 0; i < s.n; i++)
		read_eigrp_summaries(c, n, &s.at[i]);
	e->eigrp = s.at;
	e->n_eigrp = s.n;
}
