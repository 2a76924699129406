/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A simulated node's filter: `ip access-group` of a router, or a whole firewall in place of its
 * forwarding. A firewall puts fragments together before it looks, drops in silence, does not count
 * down the time to live, and takes for itself little more than pings.
 */
#include "runtime/host/sim/sim_priv.h"

#include <errno.h>
#include <string.h>

/* --- connections in time ---------------------------------------------------------------------- */

static void due_set(struct sim_node *n);

static void
due_fire(struct sim *sim, struct event *e)
{
	struct sim_node *n =
	    (struct sim_node *)(void *)((uint8_t *)e - offsetof(struct sim_node, filter_due));

	filter_expire(n->filter, sim->now);
	due_set(n);
}

/* A connection that lives on only makes the event come too early, which is no harm. */
static void
due_set(struct sim_node *n)
{
	const msec next = filter_next(n->filter);

	n->filter_due.fire = due_fire;
	if (next != MSEC_NEVER && (!n->filter_due.place || next < n->filter_due.at))
		sim_event_set(n->sim, &n->filter_due, next);
}

/* --- packets ---------------------------------------------------------------------------------- */

bool
sim_firewall(const struct sim_node *n)
{
	return n->policy && n->policy->firewall;
}

bool
sim_filter_list(struct sim_node *n, const struct policy_acl *acl, const struct packet *pkt)
{
	struct filter_packet p;

	if (!acl || !acl->n_aces)
		return true; /* an empty or missing list lets everything through, as IOS has it */
	if (!pkt->has_flow)
		return false;
	filter_read(packet_span(pkt), &pkt->flow, &p);
	return filter_list(n->filter, acl, &p, n->sim->now) == FILTER_PASS;
}

bool
sim_filter_forward(struct sim_node *n, const struct nic *in, const struct nic *out,
                   const struct packet *pkt)
{
	struct filter_packet p;
	enum filter_reason reason;

	if (!in->conf || !out->conf || !pkt->has_flow)
		return false;
	filter_read(packet_span(pkt), &pkt->flow, &p);
	reason = filter_forward(n->filter, &p, in->conf, out->conf, n->sim->now);
	due_set(n);
	return reason == FILTER_PASS;
}

/* Only at the address of the interface it comes in by: pings, what answers ours, and port 848. */
bool
sim_filter_here(const struct nic *in, const struct flow *f)
{
	if (!in->conf || !in->conf->nameif || !in->has_address || in->addr != f->dst)
		return false;
	return f->proto == PROTO_ICMP || (f->proto == PROTO_UDP && f->dport == GDOI_PORT);
}

/* --- host operations -------------------------------------------------------------------------- */

static struct sim_node *
node_of(struct host *h)
{
	return (struct sim_node *)h;
}

uint64_t
sim_filter_acl_matches(struct host *h, const char *acl, uint32_t seq)
{
	const struct policy_acl *list =
	    node_of(h)->policy ? policy_acl_find(node_of(h)->policy, acl) : NULL;
	size_t n;
	const uint64_t *hits = filter_counters(node_of(h)->filter, acl, &n);
	uint64_t sum = 0;

	for (size_t i = 0; list && hits && i < n; i++)
		if (list->aces[i].seq == seq)
			sum += hits[i];
	return sum;
}

const uint64_t *
sim_filter_counters(struct host *h, const char *acl, struct arena *a, size_t *ret_n)
{
	const uint64_t *hits = filter_counters(node_of(h)->filter, acl, ret_n);

	return hits ? arena_memdup(a, hits, *ret_n * sizeof(*hits)) : NULL;
}

const struct filter_conn *
sim_filter_conns(struct host *h, struct arena *a, size_t *ret_n)
{
	return filter_conns(node_of(h)->filter, a, node_of(h)->sim->now, ret_n);
}

size_t
sim_filter_clear(struct host *h, enum filter_clear what, const char *acl)
{
	return filter_clear(node_of(h)->filter, what, acl, node_of(h)->sim->now);
}

static const struct nic *
nic_named(const struct sim_node *n, const char *name)
{
	const struct nic *nic;

	for (nic = n->nics; nic && strcmp(nic->name, name) != 0; nic = nic->next)
		;
	return nic;
}

static bool
route_of(struct sim_node *n, uint32_t dst, struct prefix *ret)
{
	size_t n_routes;
	const struct fib_route *r = fib_routes(sim_fib(n->tables), &n_routes);
	bool found = false;

	for (size_t i = 0; i < n_routes; i++)
		if (prefix_contains(r[i].to, dst) && (!found || r[i].to.len >= ret->len)) {
			*ret = r[i].to;
			found = true;
		}
	return found;
}

int
sim_filter_trace(struct host *h, const char *interface, const struct filter_packet *p,
                 struct filter_trace *ret)
{
	struct sim_node *n = node_of(h);
	const struct nic *in = nic_named(n, interface), *out;
	struct filter_trace t = {.reason = FILTER_NO_ROUTE};
	const char *way;
	uint32_t next;

	if (!sim_firewall(n))
		return -EOPNOTSUPP;
	if (!in || !in->conf)
		return -ENODEV;
	t.in = in->conf;
	if (sim_ip_owns(n->tables, p->flow.dst)) {
		t.local = true;
		t.route = (struct prefix){p->flow.dst, 32};
		t.reason = sim_filter_here(in, &p->flow) ? FILTER_PASS : FILTER_NOT_HERE;
		t.steps[t.n_steps++] =
		    (struct filter_step){.kind = FILTER_STEP_ROUTE, .pass = true};
	} else if (fib_lookup_from(sim_fib(n->tables), p->flow.src, p->flow.dst, &way, &next) &&
	           route_of(n, p->flow.dst, &t.route) && (out = nic_named(n, way)) && out->conf) {
		t.via = next == p->flow.dst ? 0 : next;
		t.steps[t.n_steps++] =
		    (struct filter_step){.kind = FILTER_STEP_ROUTE, .pass = true};
		filter_explain(n->filter, p, in->conf, out->conf, n->sim->now, &t);
	}
	*ret = t;
	return 0;
}
