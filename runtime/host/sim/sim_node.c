/* SPDX-License-Identifier: Apache-2.0 */
/* One node of the virtual network as a host: its interfaces and routes as the policy has them. */
#include "runtime/host/sim/sim_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "compiler/policy/vrf.h"

static struct sim_node *
node_of(struct host *h)
{
	return (struct sim_node *)h;
}

/* --- interfaces ------------------------------------------------------------------------------- */

static struct nic *
nic_find(const struct sim_node *n, const char *name)
{
	struct nic *nic;

	for (nic = n->nics; nic && strcmp(nic->name, name) != 0; nic = nic->next)
		;
	return nic;
}

/* --- tables ----------------------------------------------------------------------------------- */

static struct sim_table *
table_new(struct sim_node *n, uint32_t vrf)
{
	struct sim_table *t = x_alloc(sizeof(*t));

	t->node = n;
	t->vrf = vrf;
	t->fib = fib_new(NULL, 0);
	t->frags = frag_table_new();
	return t;
}

static void
table_free(struct sim_table *t)
{
	fib_free(t->fib);
	frag_table_free(t->frags);
	free(t);
}

struct sim_table *
sim_table_get(struct sim_node *n, uint32_t vrf)
{
	struct sim_table **at = &n->tables;

	while (*at && (*at)->vrf != vrf)
		at = &(*at)->next;
	if (!*at)
		*at = table_new(n, vrf);
	return *at;
}

struct sim_table *
sim_table_of(struct sim_node *n, uint32_t vrf)
{
	struct sim_table *t = n->tables;

	if (vrf != VRF_GLOBAL && (!n->policy || !policy_vrf_find(n->policy, vrf_name(vrf))))
		return NULL;
	while (t && t->vrf != vrf)
		t = t->next;
	return t;
}

/* No routes, in any of them. */
static void
tables_clear(struct sim_node *n)
{
	for (struct sim_table *t = n->tables; t; t = t->next) {
		fib_free(t->fib);
		t->fib = fib_new(NULL, 0);
	}
}

/* --- more of interfaces ----------------------------------------------------------------------- */

struct nic *
sim_nic_get(struct sim_node *n, const char *name)
{
	struct nic *nic = nic_find(n, name), **at = &n->nics;

	if (nic)
		return nic;
	while (*at)
		at = &(*at)->next;
	nic = *at = x_alloc(sizeof(*nic));
	nic->node = n;
	nic->name = x_strdup(name);
	nic->loopback = strncasecmp(name, "Loopback", 8) == 0;
	nic->plugged = true;
	nic->number = ++n->sim->next_nic;
	nic->table = n->tables;
	nic->mtu = SIM_MTU;
	nic->port = esp_port(n->dp, name);
	return nic;
}

static void
nic_free(struct nic *nic)
{
	sim_nic_forget(nic);
	sim_multicast_gone(nic);
	free(nic->name);
	free(nic->joined);
	free(nic);
}

static void routes_build(struct sim_node *n);

void
sim_nic_line(struct nic *nic, bool up)
{
	const struct log_sink *log = nic->node->powered ? &nic->node->events.log : NULL;

	if (nic->line_up == up)
		return;
	nic->line_up = up;
	if (!nic->loopback && (up || nic->admin_up))
		LOG(log, LINK_UPDOWN, nic->name, up ? "up" : "down");
	LOG(log, LINEPROTO_UPDOWN, nic->name, up ? "up" : "down");
	sim_routing_line(nic);
	sim_multicast_line(nic);
	routes_build(nic->node);
	if (up && nic->node->powered && nic->node->events.line_up)
		nic->node->events.line_up(nic->node->events.arg, nic->name);
	if (up)
		sim_dhcp_look(nic->node->sim);
}

/* --- routes ----------------------------------------------------------------------------------- */

struct candidates {
	struct fib_route *routes;
	size_t n, capacity;
};

static void
candidate_add(struct candidates *c, struct fib_route route)
{
	x_grow(&c->routes, &c->capacity, c->n + 1, sizeof(*c->routes));
	c->routes[c->n++] = route;
}

static void
network_add(struct candidates *c, const struct nic *nic, uint32_t addr, uint8_t len)
{
	candidate_add(c, (struct fib_route){.source = ROUTE_CONNECTED,
	                                    .to = {addr & prefix_mask(len), len},
	                                    .interface = nic->name});
	if (len < 32)
		candidate_add(c, (struct fib_route){.source = ROUTE_LOCAL,
		                                    .to = {addr, 32},
		                                    .interface = nic->name});
}

static void
connected_add(struct candidates *c, const struct nic *nic)
{
	if (!nic->line_up || !nic->has_address || nic->borrowed)
		return;
	network_add(c, nic, nic->addr, nic->len);
	for (size_t i = 0; nic->conf && i < nic->conf->n_secondaries; i++)
		network_add(c, nic, nic->conf->secondaries[i].addr, nic->conf->secondaries[i].len);
}

/*
 * A route of a table. One that names an interface of another table is none: only `global` leads
 * out of a VRF, and into one only a route of the global table that somebody typed.
 */
static void
static_add(struct candidates *c, const struct sim_table *t, const struct policy_route *r)
{
	const struct nic *nic = r->interface ? nic_find(t->node, r->interface) : NULL;

	if (r->interface && (!nic || !nic->line_up))
		return;
	if (nic && t->vrf != VRF_GLOBAL && nic->table != (r->global ? t->node->tables : t))
		return;
	candidate_add(c, (struct fib_route){.source = ROUTE_STATIC,
	                                    .to = r->to,
	                                    .via = r->via,
	                                    .interface = nic ? nic->name : NULL,
	                                    .distance = r->distance,
	                                    .global = r->global});
}

static void
learned_add(void *arg, const struct fib_route *route)
{
	candidate_add(arg, *route);
}

static void
table_build(struct sim_table *t)
{
	struct sim_node *n = t->node;
	struct candidates c = {.n = 0};

	n->sim->fibs_built++;
	for (const struct nic *nic = n->nics; nic && n->powered; nic = nic->next)
		if (nic->table == t)
			connected_add(&c, nic);
	for (size_t i = 0; n->powered && n->policy && i < n->policy->n_routes; i++) {
		const struct policy_route *r = &n->policy->routes[i];

		if (vrf_same(r->vrf, vrf_name(t->vrf)))
			static_add(&c, t, r);
	}
	sim_routing_routes(t, learned_add, &c);
	fib_free(t->fib);
	t->fib = fib_new_vrf(c.routes, c.n, t == n->tables ? NULL : n->tables->fib);
	free(c.routes);
}

/* The global table first: routes of the others may lead into it. */
static void
routes_build(struct sim_node *n)
{
	for (struct sim_table *t = n->tables; t; t = t->next)
		table_build(t);
}

const struct fib *
sim_fib(struct sim_table *t)
{
	/* A route of a VRF may lead into the global table: that one must be as it is now, too. */
	if (sim_routing_stale(t) || (t->vrf != VRF_GLOBAL && sim_routing_stale(t->node->tables)))
		routes_build(t->node);
	return t->fib;
}

/* --- apply ------------------------------------------------------------------------------------ */

static void
nic_apply(struct nic *nic, const struct policy_interface *i)
{
	const struct log_sink *log = &nic->node->events.log;

	if (nic->in_policy && nic->admin_up && i->shutdown)
		LOG(log, LINK_CHANGED, nic->name, "administratively down");
	nic->in_policy = true;
	nic->admin_up = !i->shutdown;
	nic->has_address = i->has_address;
	nic->addr = i->addr;
	nic->len = i->len;
	nic->conf = i;
	if (!i->dhcp)
		nic->lease = (struct sim_lease){0};
	nic->borrowed = i->unnumbered;
	nic->mtu = i->mtu ? i->mtu : SIM_MTU;
	nic->table = sim_table_get(nic->node, vrf_number(i->vrf));
	esp_port_vrf(nic->port, nic->table->vrf);
}

/*
 * A subinterface is on its parent's cable, with frames of its own VLAN; without one, or with one
 * that another has, on none.
 */
static void
nic_hang(struct nic *nic)
{
	const struct policy_interface *i = nic->conf;
	char *parent = x_asprintf("%.*s", (int)strcspn(nic->name, "."), nic->name);

	nic->parent = i && i->vlan ? nic_find(nic->node, parent) : NULL;
	nic->link = nic->parent ? nic->parent->link : NULL;
	nic->vlan = i && !i->native ? i->vlan : 0;
	if (nic->link)
		nic->link->tagged = true;
	if (nic->vlan && nic->link && nic->link->pcap)
		pcap_tag(nic->link->pcap);
	free(parent);
}

static bool
is_sub(const struct nic *nic)
{
	return strchr(nic->name, '.') != NULL;
}

/* Back to how a router leaves the factory: no address, shut down. */
static void
nic_reset(struct nic *nic)
{
	nic->in_policy = nic->admin_up = nic->has_address = nic->borrowed = false;
	nic->conf = NULL;
	while (nic->n_joined)
		sim_multicast_listen(nic, nic->joined[--nic->n_joined].group);
	nic->lease = (struct sim_lease){0};
	nic->mtu = SIM_MTU;
	nic->table = nic->node->tables;
	esp_port_vrf(nic->port, VRF_GLOBAL);
}

/* The policy's interfaces; what it does not name and no cable holds goes away. */
static void
nics_apply(struct sim_node *n, const struct policy *p)
{
	struct nic **at = &n->nics, *nic;
	size_t i;

	for (i = 0; i < p->n_interfaces; i++)
		nic_apply(sim_nic_get(n, p->interfaces[i].name), &p->interfaces[i]);
	while ((nic = *at)) {
		if (policy_interface_find(p, nic->name)) {
			at = &nic->next;
		} else if (nic->link && !is_sub(nic)) {
			nic_reset(nic);
			at = &nic->next;
		} else {
			*at = nic->next;
			nic_free(nic);
		}
	}
}

static int
op_apply(struct host *h, const struct policy *p)
{
	struct sim_node *n = node_of(h);
	struct nic *nic;

	if (!n->powered) {
		sim_routing_forget(n);
		sim_multicast_forget(n);
		return -EHOSTDOWN;
	}
	filter_apply(n->filter, p, n->sim->now);
	n->policy = p;
	/* Routes name their interfaces by pointers into the nics: none while those change. */
	tables_clear(n);
	nics_apply(n, p);
	for (nic = n->nics; nic; nic = nic->next)
		if (is_sub(nic))
			nic_hang(nic);
	sim_routing_apply(n);
	sim_multicast_apply(n);
	routes_build(n);
	for (nic = n->nics; nic; nic = nic->next)
		if (nic->parent)
			continue; /* with its parent */
		else if (nic->link)
			sim_link_refresh(nic->link);
		else
			sim_nic_line(nic, nic->loopback && nic->admin_up);
	sim_dhcp_look(n->sim);
	return 0;
}

static void
open_dataplane(struct sim_node *n)
{
	n->dp = esp_new(&n->events.log);
	esp_count_by(n->dp, n->counters);
	esp_tell(n->dp, &(struct dp_events){n->events.unknown_spi, n->events.arg});
}

void
sim_node_forget(struct sim_node *n)
{
	struct nic *nic;

	sim_event_cancel(n->sim, &n->wake);
	sim_echo_forget(n, true);
	sim_knock_forget(n, true);
	n->dp->ops->close(n->dp);
	open_dataplane(n);
	for (nic = n->nics; nic; nic = nic->next) {
		nic->port = esp_port(n->dp, nic->name);
		nic_reset(nic);
		nic->line_up = false;
		nic->in = nic->out = (struct traffic){0};
		nic->in_drops = nic->out_drops = 0;
		nic->was_cleared = false;
	}
	sim_event_cancel(n->sim, &n->filter_due);
	filter_apply(n->filter, NULL, n->sim->now);
	n->policy = NULL;
	sim_routing_power(n);
	sim_multicast_power(n);
	for (struct sim_table *t = n->tables; t; t = t->next) {
		frag_table_free(t->frags);
		t->frags = frag_table_new();
	}
	routes_build(n);
}

/* --- the other operations --------------------------------------------------------------------- */

static msec
op_now(struct host *h)
{
	return node_of(h)->sim->now;
}

static int64_t
op_wall(struct host *h)
{
	return node_of(h)->sim->wall + node_of(h)->sim->now + node_of(h)->wall_ahead;
}

static int
op_set_wall(struct host *h, int64_t wall)
{
	node_of(h)->wall_ahead += wall - op_wall(h);
	return 0;
}

static int
op_send(struct host *h, const struct path *path, struct span dgram)
{
	struct sim_table *t = sim_table_of(node_of(h), path->vrf);

	if (!node_of(h)->powered)
		return -EHOSTDOWN;
	return t ? sim_udp_send(t, path, dgram) : -ENETUNREACH;
}

static void
wake_fire(struct sim *sim, struct event *e)
{
	struct sim_node *n =
	    (struct sim_node *)(void *)((uint8_t *)e - offsetof(struct sim_node, wake));

	if (n->frozen)
		sim_event_set(sim, &n->wake, sim->now + SIM_FROZEN);
	else
		n->events.timer(n->events.arg, sim->now);
}

static void
op_wake(struct host *h, msec when)
{
	struct sim_node *n = node_of(h);

	if (when == MSEC_NEVER || !n->powered)
		sim_event_cancel(n->sim, &n->wake);
	else if (!n->wake.place || n->wake.at != when)
		sim_event_set(n->sim, &n->wake, when);
}

static struct dataplane *
op_dataplane(struct host *h)
{
	return node_of(h)->dp;
}

static struct host_way
way_show(const struct traffic *t, uint64_t drops, msec now)
{
	struct host_way way = {.packets = t->packets,
	                       .bytes = t->bytes,
	                       .drops = drops,
	                       .idle = t->any ? now - t->last : -1};

	traffic_rates(t, now, &way.bit_rate, &way.packet_rate);
	return way;
}

static void
nic_show(const struct nic *nic, struct arena *a, struct host_interface *ret)
{
	msec now = nic->node->sim->now;

	*ret = (struct host_interface){.name = arena_strdup(a, nic->name),
	                               .has_address = nic->has_address,
	                               .addr = nic->addr,
	                               .len = nic->len,
	                               .vrf = nic->conf ? nic->conf->vrf : NULL,
	                               .admin_up = nic->admin_up,
	                               .line_up = nic->line_up,
	                               .configured = nic->has_address,
	                               .dhcp = nic->conf && nic->conf->dhcp,
	                               .mtu = nic->conf && nic->conf->l2mtu ? nic->conf->l2mtu
	                                                                    : SIM_MTU,
	                               .ip_mtu = (uint16_t)nic->mtu,
	                               .in = way_show(&nic->in, nic->in_drops, now),
	                               .out = way_show(&nic->out, nic->out_drops, now),
	                               .cleared = nic->was_cleared ? now - nic->cleared_at : -1};
}

/* In the policy's order, then those that have a cable only. */
static const struct host_interface *
op_interfaces(struct host *h, struct arena *a, size_t *ret_n)
{
	const struct sim_node *n = node_of(h);
	struct host_interface *list;
	const struct nic *nic;
	size_t i, count = 0;

	for (nic = n->nics; nic; nic = nic->next)
		count++;
	list = arena_alloc(a, count * sizeof(*list));
	count = 0;
	for (i = 0; n->policy && i < n->policy->n_interfaces; i++)
		if ((nic = nic_find(n, n->policy->interfaces[i].name)))
			nic_show(nic, a, &list[count++]);
	for (nic = n->nics; nic; nic = nic->next)
		if (!nic->in_policy)
			nic_show(nic, a, &list[count++]);
	*ret_n = count;
	return list;
}

static struct host_route
route_show(const struct sim_table *t, const struct fib_route *r, struct arena *a)
{
	return (struct host_route){
	    .vrf = t->vrf,
	    .source = r->source,
	    .to = r->to,
	    .via = r->next_hop ? r->next_hop : r->via,
	    .interface = r->interface && !r->next_hop ? arena_strdup(a, r->interface) : "",
	    .distance = r->distance,
	    .metric = r->metric,
	    .kind = r->kind,
	    .process = r->process,
	    .tag = r->tag,
	    .from = r->from,
	    .other = r->other ? arena_strdup(a, r->other) : NULL,
	    .age = t->node->sim->now - r->since};
}

static const struct host_route *
op_routes(struct host *h, struct arena *a, size_t *ret_n)
{
	struct host_route *list;
	size_t most = 0, n;

	for (struct sim_table *t = node_of(h)->tables; t; t = t->next) {
		fib_routes(sim_fib(t), &n);
		most += n;
	}
	list = arena_alloc(a, most * sizeof(*list));
	*ret_n = 0;
	for (const struct sim_table *t = node_of(h)->tables; t; t = t->next) {
		const struct fib_route *r = fib_routes(t->fib, &n);

		for (size_t i = 0; i < n; i++)
			list[(*ret_n)++] = route_show(t, &r[i], a);
	}
	return list;
}

static void
op_clear_counters(struct host *h, const char *interface)
{
	struct sim_node *n = node_of(h);

	for (struct nic *nic = n->nics; nic; nic = nic->next)
		if (!interface || !strcmp(nic->name, interface)) {
			nic->in.packets = nic->in.bytes = nic->in_drops = 0;
			nic->out.packets = nic->out.bytes = nic->out_drops = 0;
			nic->was_cleared = true;
			nic->cleared_at = n->sim->now;
		}
}

static void
op_close(struct host *h)
{
	(void)h; /* the sim owns its nodes */
}

static int
op_join(struct host *h, const char *interface, uint32_t group, uint16_t port, bool on)
{
	struct nic *nic = sim_nic_get(node_of(h), interface);

	for (size_t i = 0; i < nic->n_joined; i++)
		if (nic->joined[i].group == group && nic->joined[i].port == port) {
			nic->joined[i] = nic->joined[--nic->n_joined];
			break;
		}
	if (on) {
		x_grow(&nic->joined, &nic->joined_capacity, nic->n_joined + 1,
		       sizeof(*nic->joined));
		nic->joined[nic->n_joined++] = (struct joined){group, port};
	}
	sim_multicast_listen(nic, group);
	return 0;
}

static const struct host_ops ops = {
    .now = op_now,
    .wall = op_wall,
    .set_wall = op_set_wall,
    .apply = op_apply,
    .send = op_send,
    .join = op_join,
    .wake = op_wake,
    .dataplane = op_dataplane,
    .echo = sim_echo,
    .echo_cancel = sim_echo_cancel,
    .knock = sim_knock,
    .knock_cancel = sim_knock_cancel,
    .interfaces = op_interfaces,
    .learned = sim_dhcp_learned,
    .routes = op_routes,
    .routing = sim_routing_state,
    .multicast = sim_multicast_state,
    .clear_counters = op_clear_counters,
    .acl_matches = sim_filter_acl_matches,
    .filter_counters = sim_filter_counters,
    .filter_conns = sim_filter_conns,
    .filter_trace = sim_filter_trace,
    .filter_clear = sim_filter_clear,
    .close = op_close,
};

struct sim_node *
sim_node_new(struct sim *sim, const char *name, const struct host_events *events)
{
	struct sim_node *n = x_alloc(sizeof(*n));

	n->base.ops = &ops;
	n->sim = sim;
	n->name = x_strdup(name);
	n->events = *events;
	n->powered = true;
	n->wake.fire = wake_fire;
	n->counters = counters_new(NULL, true, &n->events.log);
	open_dataplane(n);
	sim_table_get(n, VRF_GLOBAL);
	n->filter = filter_new(&n->events.log, 0x9e3779b97f4a7c15);
	n->unreachable_at[0] = n->unreachable_at[1] = -SECONDS(1);
	return n;
}

void
sim_node_free(struct sim_node *n)
{
	struct sim_table *t;
	struct nic *nic;

	sim_event_cancel(n->sim, &n->wake);
	sim_echo_forget(n, false);
	sim_knock_forget(n, false);
	while ((nic = n->nics)) {
		n->nics = nic->next;
		nic_free(nic);
	}
	sim_event_cancel(n->sim, &n->filter_due);
	filter_free(n->filter);
	n->dp->ops->close(n->dp);
	counters_free(n->counters);
	while ((t = n->tables)) {
		n->tables = t->next;
		table_free(t);
	}
	free(n->label_bytes);
	free(n->name);
	free(n);
}
