/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Routing protocols of the virtual network: they are computed (compiler/routing/), and this is
 * their way in and out. Interfaces, power and policies go in as they change, logs and tables come
 * out. A table is made, and a node's routes are built from it, when a packet or a show asks. A
 * network in which nobody has a routing protocol has no engine at all.
 */
#include "runtime/host/sim/sim_priv.h"

#include <stdlib.h>
#include <string.h>

#define SEGMENTS 4096 /* VLANs of a link */

/* --- segments --------------------------------------------------------------------------------- */

uint32_t
sim_segment_of(const struct nic *nic)
{
	return nic->link ? nic->link->number * SEGMENTS + sim_vlan_of(nic) : 0;
}

/* --- what is told ----------------------------------------------------------------------------- */

static struct sim_node *
node_numbered(const struct sim *sim, size_t number)
{
	struct sim_node *n = sim->nodes;

	while (n && n->routed != number + 1)
		n = n->next;
	return n;
}

static void
log_neighbor(void *arg, size_t node, const struct routing_event *e)
{
	struct sim *sim = arg;
	const struct sim_node *n = node_numbered(sim, node);
	const struct log_sink *log = n ? &n->events.log : NULL;
	char addr[ADDR_TEXT_MAX];

	addr_text(e->neighbor, addr);
	switch (e->kind) {
	case ROUTING_EVENT_OSPF:
		LOG(log, OSPF_ADJCHG, e->process, addr, e->interface, e->from, e->to, e->why);
		break;
	case ROUTING_EVENT_EIGRP:
		LOG(log, DUAL_NBRCHANGE, e->process, addr, e->interface, e->up ? "up" : "down",
		    e->why);
		break;
	case ROUTING_EVENT_LDP:
		LOG(log, LDP_NBRCHG, addr, e->up ? "UP" : "DOWN", e->up ? "" : " (",
		    e->up ? "" : e->why, e->up ? "" : ")");
		break;
	case ROUTING_EVENT_BGP:
		LOG(log, BGP_ADJCHANGE, addr, e->vrf ? " vpn vrf " : "", e->vrf ? e->vrf : "",
		    e->up ? "Up" : "Down", e->up ? "" : " ", e->up ? "" : e->why);
		break;
	}
}

static bool
node_reaches(void *arg, size_t from, size_t to)
{
	struct sim *sim = arg;

	return !sim->passes || sim->passes(sim->passes_arg, node_numbered(sim, from)->name,
	                                   node_numbered(sim, to)->name);
}

static uint64_t
label_bytes(void *arg, size_t node, uint32_t label)
{
	const struct sim_node *n = node_numbered(arg, node);
	size_t at = label - MPLS_FIRST;

	return n && at < n->n_label_bytes ? n->label_bytes[at] : 0;
}

/* --- time ------------------------------------------------------------------------------------- */

static void
due_fire(struct sim *sim, struct event *e)
{
	msec next = routing_update(sim->routing, sim->now);

	if (next != MSEC_NEVER)
		sim_event_set(sim, e, next);
}

/* Something has changed: it is looked at when all that happens now has happened. */
static void
look_again(struct sim *sim)
{
	sim->routing_due.fire = due_fire;
	sim_event_set(sim, &sim->routing_due, sim->now);
}

/* --- in --------------------------------------------------------------------------------------- */

void
sim_routing_apply(struct sim_node *n)
{
	struct sim *sim = n->sim;
	const struct routing_env env = {
	    .reaches = node_reaches, .told = log_neighbor, .label_bytes = label_bytes, .arg = sim};

	if (!n->routed && !routing_configured(n->policy))
		return;
	if (!sim->routing)
		sim->routing = routing_new(&env);
	if (!n->routed) {
		n->routed = routing_node_add(sim->routing) + 1;
		routing_node_freeze(sim->routing, n->routed - 1, n->frozen);
	}
	routing_node_policy(sim->routing, n->routed - 1, n->policy);
	for (const struct nic *nic = n->nics; nic; nic = nic->next)
		sim_routing_line(nic);
	look_again(sim);
}

void
sim_routing_forget(struct sim_node *n)
{
	if (n->routed)
		routing_node_policy(n->sim->routing, n->routed - 1, NULL);
}

void
sim_routing_line(const struct nic *nic)
{
	const struct sim_node *n = nic->node;

	if (!n->routed || !n->powered)
		return;
	routing_interface(n->sim->routing, n->routed - 1, nic->name, sim_segment_of(nic),
	                  nic->line_up);
	look_again(n->sim);
}

void
sim_routing_power(struct sim_node *n)
{
	if (!n->routed)
		return;
	routing_node_power(n->sim->routing, n->routed - 1, n->powered);
	look_again(n->sim);
}

void
sim_routing_freeze(struct sim_node *n)
{
	if (!n->routed)
		return;
	routing_node_freeze(n->sim->routing, n->routed - 1, n->frozen);
	look_again(n->sim);
}

void
sim_routing_gate(struct sim *sim)
{
	if (!sim->routing)
		return;
	routing_gate_changed(sim->routing);
	look_again(sim);
}

/* --- out -------------------------------------------------------------------------------------- */

/* In that table; of NULL in any. */
static const char *
nic_name(const struct sim_node *n, const struct sim_table *t, const char *name)
{
	for (const struct nic *nic = n->nics; name && nic; nic = nic->next)
		if (strcmp(nic->name, name) == 0)
			return nic->line_up && (!t || nic->table == t) ? nic->name : NULL;
	return NULL;
}

/* What a VRF imports leaves by an interface of the core, or of another VRF. */
static void
way_take(const struct routing_way *way, struct fib_route *f)
{
	f->next_hop = way->next_hop;
	f->other = way->egress ? NULL : way->vrf;
	f->n_labels = way->n_labels;
	for (uint8_t k = 0; k < way->n_labels; k++)
		f->labels[k] = way->labels[k];
}

static void
route_add(const struct sim_table *t, const struct routing_route *r,
          void (*add)(void *arg, const struct fib_route *), void *arg)
{
	struct fib_route f = {.source = ROUTE_LEARNED,
	                      .to = r->to,
	                      .distance = r->distance,
	                      .kind = r->kind,
	                      .process = r->process,
	                      .metric = r->metric,
	                      .tag = r->tag,
	                      .from = r->from,
	                      .since = r->since};

	if (!r->n_hops) {
		f.interface = "Null0";
		add(arg, &f);
	}
	for (uint8_t k = 0; k < r->n_hops; k++) {
		const struct routing_way *way = r->ways ? &r->ways[k] : NULL;

		f.via = r->hops[k].via;
		f.interface = nic_name(t->node, way && way->vrf ? NULL : t, r->hops[k].interface);
		if (way)
			way_take(way, &f);
		if (f.interface || !r->hops[k].interface)
			add(arg, &f);
	}
}

void
sim_routing_routes(struct sim_table *t, void (*add)(void *arg, const struct fib_route *), void *arg)
{
	const struct sim_node *n = t->node;
	const struct routing_table *table;

	if (!n->routed || !n->powered)
		return;
	table = routing_table(n->sim->routing, n->routed - 1, vrf_name(t->vrf));
	for (size_t k = 0; k < table->n; k++)
		route_add(t, &table->routes[k], add, arg);
	t->routes_seen = routing_generation(n->sim->routing);
	t->routes_version = table->version;
}

bool
sim_routing_stale(struct sim_table *t)
{
	const struct sim_node *n = t->node;

	if (!n->routed || !n->powered || t->routes_seen == routing_generation(n->sim->routing))
		return false;
	t->routes_seen = routing_generation(n->sim->routing);
	return t->routes_version !=
	       routing_table(n->sim->routing, n->routed - 1, vrf_name(t->vrf))->version;
}

const struct routing_state *
sim_routing_state(struct host *h, struct arena *a)
{
	const struct sim_node *n = (const struct sim_node *)h;

	if (!n->routed || !n->powered)
		return NULL;
	routing_update(n->sim->routing, n->sim->now); /* its clock: what is due has its event */
	return routing_state(n->sim->routing, n->routed - 1, a);
}

/* --- labels ----------------------------------------------------------------------------------- */

bool
sim_labels_taken(const struct nic *nic)
{
	const struct sim_node *n = nic->node;

	return n->routed && n->powered &&
	       routing_label_taken(n->sim->routing, n->routed - 1, nic->name);
}

bool
sim_label_find(const struct sim_node *n, uint32_t label, struct mpls_entry *ret)
{
	return n->routed && routing_label_find(n->sim->routing, n->routed - 1, label, ret);
}
