/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Multicast of the virtual network: its trees are computed (compiler/multicast/), and this is their
 * way in and out. Interfaces, power, policies and who listens go in as they change, logs and ways
 * come out. The trees follow the unicast tables as they are when a packet asks. A network in which
 * nobody routes multicast has no engine.
 */
#include "runtime/host/sim/sim_priv.h"

#include <string.h>

#include "compiler/policy/vrf.h"

/* --- what the engine asks --------------------------------------------------------------------- */

static struct sim_node *
node_numbered(const struct sim *sim, size_t number)
{
	return sim->cast[number];
}

static bool
node_reaches(void *arg, size_t from, size_t to)
{
	struct sim *sim = arg;

	return !sim->passes || sim->passes(sim->passes_arg, node_numbered(sim, from)->name,
	                                   node_numbered(sim, to)->name);
}

/* Of the route that leads to an address; of several equal ways the highest next hop, as IOS. */
static void
prefer_highest(const struct fib *fib, uint32_t addr, struct multicast_route *ret)
{
	size_t n;
	const struct fib_route *r = fib_routes(fib, &n), *best = NULL;

	for (size_t k = 0; k < n; k++)
		if (prefix_contains(r[k].to, addr) && (!best || r[k].to.len >= best->to.len))
			best = &r[k];
	if (!best)
		return;
	ret->distance = best->distance;
	ret->metric = best->metric;
	for (size_t k = 0; k < n; k++)
		if (r[k].to.len == best->to.len && r[k].to.addr == best->to.addr && r[k].via &&
		    r[k].interface && r[k].via > ret->next && ret->next != addr) {
			ret->interface = r[k].interface;
			ret->next = r[k].via;
		}
}

static bool
table_leads(void *arg, size_t node, const char *vrf, uint32_t addr, struct multicast_route *ret)
{
	struct sim_node *n = node_numbered(arg, node);
	struct sim_table *t = n->powered ? sim_table_of(n, vrf_number(vrf)) : NULL;
	const struct fib *fib = t ? sim_fib(t) : NULL;

	*ret = (struct multicast_route){.interface = NULL};
	if (!fib || !fib_lookup(fib, addr, &ret->interface, &ret->next))
		return false;
	prefer_highest(fib, addr, ret);
	return true;
}

/* Both only grow. */
static uint64_t
tables_version(void *arg)
{
	const struct sim *sim = arg;

	return sim->fibs_built + (sim->routing ? routing_generation(sim->routing) : 0);
}

static void
log_event(void *arg, size_t node, const struct multicast_event *e)
{
	const struct sim_node *n = node_numbered(arg, node);
	const struct log_sink *log = &n->events.log;
	char a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX];
	const char *vrf = e->vrf ? e->vrf : "", *words = e->vrf ? "VRF " : "",
		   *colon = e->vrf ? ": " : "";

	addr_text(e->neighbor, a);
	if (e->kind == MULTICAST_NEIGHBOR)
		LOG(log, PIM_NBRCHG, words, vrf, colon, a, e->up ? "UP" : "DOWN", e->interface);
	else
		LOG(log, PIM_DRCHG, words, vrf, colon, addr_text(e->before, b), a, e->interface);
}

/* --- time ------------------------------------------------------------------------------------- */

static void
due_fire(struct sim *sim, struct event *e)
{
	msec next = multicast_update(sim->multicast, sim->now);

	if (next != MSEC_NEVER)
		sim_event_set(sim, e, next);
}

/* Something has changed: it is looked at when all that happens now has happened. */
static void
look_again(struct sim *sim)
{
	sim->multicast_due.fire = due_fire;
	sim_event_set(sim, &sim->multicast_due, sim->now);
}

/* --- in --------------------------------------------------------------------------------------- */

/* Everybody takes part: hosts listen, and routers without multicast have interfaces, too. */
static void
node_enter(struct sim_node *n)
{
	struct multicast *m = n->sim->multicast;

	n->cast = multicast_node_add(m) + 1;
	x_grow(&n->sim->cast, &n->sim->cast_capacity, n->cast, sizeof(struct sim_node *));
	n->sim->cast[n->sim->n_cast++] = n;
	multicast_node_power(m, n->cast - 1, n->powered);
	multicast_node_freeze(m, n->cast - 1, n->frozen);
	multicast_node_policy(m, n->cast - 1, n->policy);
	for (const struct nic *nic = n->nics; nic; nic = nic->next) {
		sim_multicast_line(nic);
		for (size_t i = 0; i < nic->n_joined; i++)
			if (nic->joined[i].group)
				multicast_listen(m, n->cast - 1, nic->name, nic->joined[i].group,
				                 true);
	}
}

void
sim_multicast_apply(struct sim_node *n)
{
	struct sim *sim = n->sim;
	const struct multicast_env env = {.reaches = node_reaches,
	                                  .leads = table_leads,
	                                  .version = tables_version,
	                                  .told = log_event,
	                                  .arg = sim};

	if (!sim->multicast) {
		if (!multicast_configured(n->policy))
			return;
		sim->multicast = multicast_new(&env);
		for (struct sim_node *each = sim->nodes; each; each = each->next)
			node_enter(each);
	} else if (!n->cast) {
		node_enter(n);
	}
	multicast_node_policy(sim->multicast, n->cast - 1, n->policy);
	for (const struct nic *nic = n->nics; nic; nic = nic->next)
		sim_multicast_line(nic);
	look_again(sim);
}

void
sim_multicast_forget(struct sim_node *n)
{
	if (n->cast)
		multicast_node_policy(n->sim->multicast, n->cast - 1, NULL);
}

void
sim_multicast_line(const struct nic *nic)
{
	const struct sim_node *n = nic->node;

	if (!n->cast)
		return;
	multicast_interface(n->sim->multicast, n->cast - 1, nic->name, sim_segment_of(nic),
	                    nic->line_up);
	look_again(n->sim);
}

void
sim_multicast_gone(const struct nic *nic)
{
	const struct sim_node *n = nic->node;

	if (n->cast && n->sim->multicast)
		multicast_interface_forget(n->sim->multicast, n->cast - 1, nic->name);
}

void
sim_multicast_power(struct sim_node *n)
{
	if (!n->cast)
		return;
	multicast_node_power(n->sim->multicast, n->cast - 1, n->powered);
	look_again(n->sim);
}

void
sim_multicast_freeze(struct sim_node *n)
{
	if (!n->cast)
		return;
	multicast_node_freeze(n->sim->multicast, n->cast - 1, n->frozen);
	look_again(n->sim);
}

void
sim_multicast_gate(struct sim *sim)
{
	if (!sim->multicast)
		return;
	multicast_gate_changed(sim->multicast);
	look_again(sim);
}

void
sim_multicast_listen(const struct nic *nic, uint32_t group)
{
	const struct sim_node *n = nic->node;
	bool on = false;

	if (!n->cast || !group)
		return;
	for (size_t i = 0; i < nic->n_joined; i++)
		on = on || nic->joined[i].group == group;
	multicast_listen(n->sim->multicast, n->cast - 1, nic->name, group, on);
	look_again(n->sim);
}

/* --- out -------------------------------------------------------------------------------------- */

bool
sim_multicast_routes(const struct sim_table *t)
{
	const struct sim_node *n = t->node;

	return n->cast && multicast_routes(n->sim->multicast, n->cast - 1, vrf_name(t->vrf));
}

bool
sim_multicast_way(const struct sim_table *t, uint32_t source, uint32_t group,
                  struct multicast_way *ret)
{
	const struct sim_node *n = t->node;

	return n->cast && multicast_packet(n->sim->multicast, n->cast - 1, vrf_name(t->vrf), source,
	                                   group, n->sim->now, ret);
}

const struct multicast_state *
sim_multicast_state(struct host *h, struct arena *a)
{
	const struct sim_node *n = (const struct sim_node *)h;

	if (!n->cast || !n->powered)
		return NULL;
	multicast_update(n->sim->multicast, n->sim->now); /* what is due has its event */
	return multicast_state(n->sim->multicast, n->cast - 1, a);
}
