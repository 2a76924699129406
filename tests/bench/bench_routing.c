/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What it costs to compute routing: the tables of a network of N routers (1000 by default) in a
 * grid, with a loopback each, then one link changes and the tables along one path are asked again;
 * the same in one area, and in an area for each row and a backbone. Processor time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compiler/routing/routing.h"

#define WIDTH  32
#define IFACES 5
#define ASKED  32 /* tables that are asked for after a change: those of a path */

struct router {
	struct policy policy;
	struct policy_interface ifaces[IFACES];
	struct policy_ospf_interface conf[IFACES];
	struct policy_ospf ospf;
	uint32_t segments[IFACES];
};

static double
used_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
iface_add(struct router *r, const char *name, uint32_t addr, uint8_t len, uint32_t segment,
          uint32_t area)
{
	size_t k = r->policy.n_interfaces++;

	r->conf[k] = (struct policy_ospf_interface){
	    .process = 1, .area = area, .priority = -1, .network = OSPF_POINT_TO_POINT};
	r->ifaces[k] = (struct policy_interface){
	    .name = name, .has_address = true, .addr = addr, .len = len, .ospf = &r->conf[k]};
	r->segments[k] = segment;
}

/* A link between two routers; it is in the area of the farther one. */
static void
link_add(struct router *routers, size_t a, size_t b, uint32_t *segment, const char *name_a,
         const char *name_b, uint32_t area)
{
	uint32_t net = 0x0a000000u + (++*segment << 2);

	iface_add(&routers[a], name_a, net + 1, 30, *segment, area);
	iface_add(&routers[b], name_b, net + 2, 30, *segment, area);
}

static uint32_t
area_of(size_t router, bool areas)
{
	return areas && router % WIDTH ? (uint32_t)(1 + router / WIDTH) : 0;
}

static struct router *
routers_make(size_t n, bool areas)
{
	struct router *routers = x_alloc(n * sizeof(*routers));
	uint32_t segment = 0;

	for (size_t k = 0; k < n; k++) {
		struct router *r = &routers[k];

		r->ospf = (struct policy_ospf){.process = 1};
		r->policy.interfaces = r->ifaces;
		r->policy.routing.ospf = &r->ospf;
		r->policy.routing.n_ospf = 1;
		iface_add(r, "Loopback0", 0xac100000u + (uint32_t)k, 32, 0, area_of(k, areas));
		if (k % WIDTH)
			link_add(routers, k - 1, k, &segment, "FastEthernet0/0", "FastEthernet0/1",
			         area_of(k, areas));
		if (k >= WIDTH && (!areas || k % WIDTH == 0))
			link_add(routers, k - WIDTH, k, &segment, "FastEthernet1/0",
			         "FastEthernet1/1", area_of(k, areas));
	}
	return routers;
}

static size_t
tables_ask(struct routing *r, size_t n)
{
	size_t routes = 0;

	for (size_t k = 0; k < n; k++)
		routes += routing_table(r, k, NULL)->n;
	return routes;
}

static void
run_network(size_t n, bool areas)
{
	const struct routing_env env = {.arg = NULL};
	struct router *routers = routers_make(n, areas);
	struct routing *r = routing_new(&env);
	msec next, now = 0;
	double at;
	size_t routes;

	at = used_seconds();
	for (size_t k = 0; k < n; k++) {
		routing_node_add(r);
		routing_node_policy(r, k, &routers[k].policy);
		for (size_t i = 0; i < routers[k].policy.n_interfaces; i++)
			routing_interface(r, k, routers[k].ifaces[i].name, routers[k].segments[i],
			                  true);
	}
	while ((next = routing_update(r, now)) != MSEC_NEVER)
		now = next;
	printf("%zu routers%s: adjacencies %.1f ms", n, areas ? " in areas" : "",
	       (used_seconds() - at) * 1e3);
	at = used_seconds();
	routes = tables_ask(r, n);
	printf(", all tables (%zu routes) %.1f ms", routes, (used_seconds() - at) * 1e3);
	at = used_seconds();
	routing_interface(r, n / 2, "FastEthernet0/1", routers[n / 2].segments[1], false);
	routing_update(r, now + 1);
	tables_ask(r, ASKED);
	printf(", a link down and %d tables %.1f ms\n", ASKED, (used_seconds() - at) * 1e3);
	routing_free(r);
	free(routers);
}

int
main(int argc, char **argv)
{
	size_t n = argc > 1 ? (size_t)atoi(argv[1]) : 1000;

	run_network(n, false);
	run_network(n, true);
	return 0;
}
