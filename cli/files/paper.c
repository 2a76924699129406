/* SPDX-License-Identifier: Apache-2.0 */
/* See paper.h. */
#include "cli/files/paper.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/host/sim/sim.h"

struct paper {
	struct sim *sim;
	struct node *nodes[DEVICE_KINDS_MAX];
	struct router *routers[DEVICE_KINDS_MAX];
};

static struct node *
add_node(struct paper *p, const char *name)
{
	struct node_config config = {.name = name};
	struct node *n = node_new(&config);
	struct host_events events = node_events(n);

	node_attach(n, sim_node_add(p->sim, name, &events));
	return n;
}

struct paper *
paper_new(void)
{
	struct paper *p = x_alloc(sizeof(*p));

	p->sim = sim_new(1, 0);
	for (size_t i = 0; device_kinds[i]; i++) {
		p->nodes[i] = add_node(p, device_kinds[i]->hostname);
		p->routers[i] =
		    router_new_as(device_kinds[i]->hostname, p->nodes[i], device_kinds[i]);
	}
	return p;
}

void
paper_free(struct paper *p)
{
	for (size_t i = 0; device_kinds[i]; i++) {
		router_free(p->routers[i]);
		node_free(p->nodes[i]);
	}
	sim_free(p->sim);
	free(p);
}

struct router *
paper_router(struct paper *p, const struct device_kind *kind)
{
	size_t i = 0;

	while (device_kinds[i] != kind)
		i++;
	return p->routers[i];
}
