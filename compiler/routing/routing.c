/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's nodes and interfaces, and its clock. See routing.h. */
#include "compiler/routing/routing_priv.h"

#include <stdlib.h>
#include <string.h>

/* clang-format off */
const struct routing_kind_names routing_kind_names[ROUTING_KINDS] = {
	[ROUTING_KIND_RIP]            = {"R", "", "rip", ""},
	[ROUTING_KIND_EIGRP]          = {"D", "", "eigrp", "internal"},
	[ROUTING_KIND_EIGRP_EXTERNAL] = {"D", "EX", "eigrp", "external"},
	[ROUTING_KIND_OSPF_INTRA]     = {"O", "", "ospf", "intra area"},
	[ROUTING_KIND_OSPF_INTER]     = {"O", "IA", "ospf", "inter area"},
	[ROUTING_KIND_OSPF_N1]        = {"O", "N1", "ospf", "NSSA extern 1"},
	[ROUTING_KIND_OSPF_N2]        = {"O", "N2", "ospf", "NSSA extern 2"},
	[ROUTING_KIND_OSPF_E1]        = {"O", "E1", "ospf", "extern 1"},
	[ROUTING_KIND_OSPF_E2]        = {"O", "E2", "ospf", "extern 2"},
	[ROUTING_KIND_BGP_EXTERNAL]   = {"B", "", "bgp", "external"},
	[ROUTING_KIND_BGP_INTERNAL]   = {"B", "", "bgp", "internal"},
	[ROUTING_KIND_BGP_LOCAL]      = {"B", "", "bgp", "locally generated"},
};
/* clang-format on */

/* --- the engine ------------------------------------------------------------------------------- */

struct routing *
routing_new(const struct routing_env *env)
{
	struct routing *r = x_alloc(sizeof(*r));

	r->env = *env;
	r->generation = 1;
	return r;
}

void
rt_touch(struct routing *r)
{
	r->generation++;
}

uint64_t
routing_generation(const struct routing *r)
{
	return r->generation;
}

static void
vrf_free(struct rt_vrf *vrf)
{
	arena_free(vrf->arena);
	rt_rib_fini(&vrf->rib);
	free(vrf->name);
	free(vrf);
}

static void
node_free(struct rt_node *n)
{
	struct rt_iface *i;
	struct rt_vrf *vrf;

	ospf_forget(n);
	vector_forget(n);
	bgp_forget(n);
	mpls_forget(n);
	while ((i = n->ifaces)) {
		n->ifaces = i->next;
		free(i->views);
		free(i->name);
		free(i);
	}
	while ((vrf = n->vrfs)) {
		n->vrfs = vrf->next;
		vrf_free(vrf);
	}
	free(n);
}

void
routing_free(struct routing *r)
{
	if (!r)
		return;
	ospf_net_free(r->ospf);
	vector_net_free(r->vectors);
	bgp_net_free(r->bgp);
	for (size_t i = 0; i < r->n_nodes; i++)
		node_free(r->nodes[i]);
	for (size_t i = 0; i < r->n_segments; i++)
		free(r->segments[i].ifaces);
	free(r->segments);
	free(r->nodes);
	free(r);
}

/* --- VRFs ------------------------------------------------------------------------------------- */

static bool
same_name(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

struct rt_vrf *
rt_vrf_find(const struct rt_node *n, const char *name)
{
	struct rt_vrf *vrf;

	for (vrf = n->vrfs; vrf && !same_name(vrf->name, name); vrf = vrf->next)
		;
	return vrf;
}

/* Makes it when there is none. One that is configured no more stays, and is empty. */
static struct rt_vrf *
vrf_get(struct rt_node *n, const char *name)
{
	struct rt_vrf *vrf = rt_vrf_find(n, name), **at = &n->vrfs;

	if (vrf)
		return vrf;
	while (*at)
		at = &(*at)->next;
	vrf = *at = x_alloc(sizeof(*vrf));
	vrf->node = n;
	vrf->name = name ? x_strdup(name) : NULL;
	return vrf;
}

/* --- nodes ------------------------------------------------------------------------------------ */

size_t
routing_node_add(struct routing *r)
{
	struct rt_node *n = x_alloc(sizeof(*n));

	n->routing = r;
	n->number = r->n_nodes;
	n->on = n->was_on = true;
	vrf_get(n, NULL);
	x_grow(&r->nodes, &r->nodes_capacity, r->n_nodes + 1, sizeof(struct rt_node *));
	r->nodes[r->n_nodes++] = n;
	return n->number;
}

bool
rt_alive(const struct rt_node *n)
{
	return n->on && !n->frozen;
}

struct rt_iface *
rt_iface_find(const struct rt_node *n, const char *name)
{
	struct rt_iface *i;

	for (i = n->ifaces; i && strcmp(i->name, name) != 0; i = i->next)
		;
	return i;
}

static struct rt_iface *
iface_get(struct rt_node *n, const char *name)
{
	struct rt_iface *i = rt_iface_find(n, name), **at = &n->ifaces;

	if (i)
		return i;
	while (*at)
		at = &(*at)->next;
	i = *at = x_alloc(sizeof(*i));
	i->node = n;
	i->name = x_strdup(name);
	i->vrf = n->vrfs;
	return i;
}

static void
iface_configure(struct rt_iface *i, const struct policy_interface *conf)
{
	i->conf = conf;
	i->addr = conf && conf->has_address ? conf->addr : 0;
	i->len = conf ? conf->len : 0;
	i->vrf = vrf_get(i->node, conf ? conf->vrf : NULL);
}

bool
routing_configured(const struct policy *p)
{
	const struct policy_routing *r = &p->routing;

	return r->n_ospf || r->n_eigrp || r->rip.configured || r->bgp.as || r->mpls.interfaces;
}

void
routing_node_policy(struct routing *r, size_t node, const struct policy *p)
{
	struct rt_node *n = r->nodes[node];
	struct rt_iface *i;

	n->policy = p;
	for (i = n->ifaces; i; i = i->next)
		iface_configure(i, p ? policy_interface_find(p, i->name) : NULL);
	for (size_t k = 0; p && k < p->n_interfaces; k++)
		iface_configure(iface_get(n, p->interfaces[k].name), &p->interfaces[k]);
	ospf_configure(n);
	vector_configure(n);
	bgp_configure(n);
	r->changed = true;
	rt_touch(r);
}

void
routing_node_power(struct routing *r, size_t node, bool on)
{
	r->nodes[node]->on = on;
	r->changed = true;
}

void
routing_node_freeze(struct routing *r, size_t node, bool frozen)
{
	r->nodes[node]->frozen = frozen;
	r->changed = true;
}

void
routing_gate_changed(struct routing *r)
{
	r->changed = true;
}

/* --- interfaces ------------------------------------------------------------------------------- */

/* Where a number is in the list, or would be. */
static size_t
segment_place(const struct routing *r, uint32_t number)
{
	size_t low = 0, high = r->n_segments;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (r->segments[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct rt_segment *
rt_segment_find(const struct routing *r, uint32_t number)
{
	size_t at = segment_place(r, number);

	return number && at < r->n_segments && r->segments[at].number == number ? &r->segments[at]
	                                                                        : NULL;
}

static struct rt_segment *
segment_get(struct routing *r, uint32_t number)
{
	struct rt_segment *s = rt_segment_find(r, number);
	size_t at = segment_place(r, number);

	if (s)
		return s;
	x_grow(&r->segments, &r->segments_capacity, r->n_segments + 1, sizeof(*r->segments));
	s = &r->segments[at];
	memmove(s + 1, s, (r->n_segments++ - at) * sizeof(*s));
	*s = (struct rt_segment){.number = number};
	return s;
}

static void
segment_leave(struct routing *r, struct rt_iface *i)
{
	struct rt_segment *s = rt_segment_find(r, i->segment);
	size_t kept = 0;

	for (size_t k = 0; k < s->n; k++) {
		if (s->ifaces[k] == i)
			continue;
		rt_peer_forget(s->ifaces[k], i);
		s->ifaces[kept++] = s->ifaces[k];
	}
	s->n = kept;
	i->n_views = 0;
}

static void
segment_join(struct routing *r, struct rt_iface *i, uint32_t segment)
{
	struct rt_segment *s;

	if (i->segment)
		segment_leave(r, i);
	i->segment = segment;
	if (!segment)
		return;
	s = segment_get(r, segment);
	x_grow(&s->ifaces, &s->capacity, s->n + 1, sizeof(struct rt_iface *));
	s->ifaces[s->n++] = i;
}

void
routing_interface(struct routing *r, size_t node, const char *name, uint32_t segment, bool up)
{
	struct rt_iface *i = iface_get(r->nodes[node], name);

	if (i->segment != segment) {
		segment_join(r, i, segment);
		r->changed = true;
	}
	if (i->up != up && i->node->on) {
		i->up = up;
		r->changed = true;
		rt_touch(r);
	}
}

/* What IOS reckons with for a type of interface. */
static const struct line {
	const char *type;
	uint32_t kbits, delay; /* tens of microseconds */
} lines[] = {
    {"Loopback", 8000000, 500},   {"GigabitEthernet", 1000000, 1},
    {"FastEthernet", 100000, 10}, {"TenGigabitEthernet", 10000000, 1},
    {"Serial", 1544, 2000},       {"Tunnel", 100, 5000},
    {"Ethernet", 10000, 100},     {"Management", 1000000, 1},
};

static const struct line *
line_of(const struct rt_iface *i)
{
	static const struct line other = {"", 100000, 10};

	for (size_t k = 0; k < ARRAY_SIZE(lines); k++)
		if (strncmp(i->name, lines[k].type, strlen(lines[k].type)) == 0)
			return &lines[k];
	return &other;
}

uint32_t
rt_bandwidth(const struct rt_iface *i)
{
	return i->conf && i->conf->bandwidth ? i->conf->bandwidth : line_of(i)->kbits;
}

uint32_t
rt_delay(const struct rt_iface *i)
{
	return i->conf && i->conf->delay ? i->conf->delay : line_of(i)->delay;
}

uint32_t
rt_router_id(const struct rt_vrf *vrf, bool (*taken)(const struct rt_node *n, uint32_t id))
{
	uint32_t best[2] = {0, 0}; /* of any interface, of a loopback */

	for (const struct rt_iface *i = vrf->node->ifaces; i; i = i->next) {
		bool loopback = policy_names_loopback(i->name);

		if (i->up && i->addr > best[loopback] && i->vrf == vrf &&
		    !taken(vrf->node, i->addr))
			best[loopback] = i->addr;
	}
	return best[1] ? best[1] : best[0];
}

/* --- time ------------------------------------------------------------------------------------- */

msec
routing_update(struct routing *r, msec now)
{
	bool changed = r->changed;
	msec next, sessions;

	r->now = now;
	next = rt_adjacency_update(r);
	sessions = bgp_sessions_update(r, changed);
	if (r->looked != r->generation) {
		r->looked = r->generation;
		r->touched = now;
	}
	return sessions < next ? sessions : next;
}

bool
routing_settles(struct routing *r)
{
	rt_solve(r);
	return !r->unsettled;
}

const struct routing_table *
routing_table(struct routing *r, size_t node, const char *vrf)
{
	static const struct routing_table nothing;
	struct rt_vrf *v = rt_vrf_find(r->nodes[node], vrf);

	if (!v)
		return &nothing;
	rt_solve(r);
	if (v->made != r->generation)
		rt_table_make(v);
	return &v->table;
}
