/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DHCP of the virtual network is computed, not spoken: no datagram of it is on a link. An interface
 * with `ip address dhcp` is given, some seconds after its line is up, the lowest free address of a
 * pool (`ip dhcp pool`) whose network a router on its segment is on. It keeps the address until it
 * loses power, or does not ask for one any more.
 */
#include "runtime/host/sim/sim_priv.h"

#define DHCP_TIME SECONDS(3) /* discover, offer, request, and the answer */
#define POOL_MAX  65536      /* addresses of a pool that are looked at */

/* Do both hear each other? */
static bool
is_same_segment(const struct nic *a, const struct nic *b)
{
	return a->link && a->link == b->link && sim_vlan_of(a) == sim_vlan_of(b);
}

static bool
is_excluded(const struct policy *p, uint32_t addr)
{
	for (size_t i = 0; i < p->n_excluded; i++)
		if (addr >= p->excluded[i].low && addr <= p->excluded[i].high)
			return true;
	return false;
}

/* Has anybody on the segment this address, or is it promised to somebody there? */
static bool
is_taken(const struct nic *of, uint32_t addr)
{
	for (const struct sim_node *n = of->node->sim->nodes; n; n = n->next)
		for (const struct nic *nic = n->nics; nic; nic = nic->next)
			if (nic != of && is_same_segment(nic, of) &&
			    ((nic->has_address && nic->addr == addr) || nic->lease.addr == addr))
				return true;
	return false;
}

/* 0: there is none left. */
static uint32_t
find_free(const struct policy *server, const struct policy_pool *pool, const struct nic *of)
{
	uint32_t first = pool->network.addr + 1;
	uint32_t last = (pool->network.addr | ~prefix_mask(pool->network.len)) - 1;

	for (uint32_t addr = first; addr <= last && addr - first < POOL_MAX; addr++)
		if (!is_excluded(server, addr) && !is_taken(of, addr))
			return addr;
	return 0;
}

static bool
serve_from(const struct nic *server, struct nic *client)
{
	const struct policy *p = server->node->policy;

	for (size_t i = 0; p && i < p->n_pools; i++) {
		const struct policy_pool *pool = &p->pools[i];
		uint32_t addr =
		    prefix_contains(pool->network, server->addr) ? find_free(p, pool, client) : 0;

		if (!addr)
			continue;
		client->lease = (struct sim_lease){
		    .addr = addr, .len = pool->network.len, .router = pool->router};
		return true;
	}
	return false;
}

static bool
find_server(struct nic *client)
{
	for (const struct sim_node *n = client->node->sim->nodes; n; n = n->next)
		for (const struct nic *nic = n->nics; nic; nic = nic->next)
			if (n != client->node && n->powered && !n->frozen && nic->line_up &&
			    nic->has_address && is_same_segment(nic, client) &&
			    serve_from(nic, client))
				return true;
	return false;
}

static void
tell_address(struct nic *nic)
{
	char addr[ADDR_TEXT_MAX], mask[ADDR_TEXT_MAX];
	struct sim_node *n = nic->node;

	LOG(&n->events.log, DHCP_ASSIGN, nic->name, addr_text(nic->lease.addr, addr),
	    addr_text(prefix_mask(nic->lease.len), mask), n->policy->hostname);
	if (n->events.addresses)
		n->events.addresses(n->events.arg);
}

static bool
is_waiting(const struct nic *nic)
{
	return nic->node->powered && nic->node->policy && nic->conf && nic->conf->dhcp &&
	       nic->line_up && !nic->lease.addr;
}

/* One that has been given an address; its node has another policy then, and others interfaces. */
static struct nic *
serve_one(struct sim *sim)
{
	for (struct sim_node *n = sim->nodes; n; n = n->next)
		for (struct nic *nic = n->nics; nic; nic = nic->next)
			if (is_waiting(nic) && find_server(nic))
				return nic;
	return NULL;
}

static void
due_fire(struct sim *sim, struct event *e)
{
	struct nic *nic;

	(void)e;
	while ((nic = serve_one(sim)))
		tell_address(nic);
}

void
sim_dhcp_look(struct sim *sim)
{
	bool any = false;

	for (const struct sim_node *n = sim->nodes; n && !any; n = n->next)
		for (const struct nic *nic = n->nics; nic && !any; nic = nic->next)
			any = is_waiting(nic);
	if (!any)
		return;
	sim->dhcp_due.fire = due_fire;
	sim_event_set(sim, &sim->dhcp_due, sim->now + DHCP_TIME);
}

const struct policy_learned *
sim_dhcp_learned(struct host *h, struct arena *a, size_t *ret_n)
{
	const struct sim_node *n = (const struct sim_node *)h;
	struct policy_learned *list;
	size_t most = 0, count = 0;

	for (const struct nic *nic = n->nics; nic; nic = nic->next)
		most++;
	list = arena_alloc(a, (most + 1) * sizeof(*list));
	for (const struct nic *nic = n->nics; nic; nic = nic->next)
		if (nic->lease.addr)
			list[count++] =
			    (struct policy_learned){.interface = arena_strdup(a, nic->name),
			                            .addr = nic->lease.addr,
			                            .len = nic->lease.len,
			                            .router = nic->lease.router};
	*ret_n = count;
	return list;
}
