/* See paper.h. */
#include "cli/files/paper.h"

#include <stdlib.h>

#include "runtime/host/sim.h"

struct paper {
	struct sim *sim;
	struct node *node;
	struct router *router;
};

struct paper *
paper_new(void)
{
	struct paper *p = x_alloc(sizeof(*p));
	struct node_config config = {.name = "Router"};
	struct host_events events;

	p->sim = sim_new(1, 0);
	p->node = node_new(&config);
	events = node_events(p->node);
	node_attach(p->node, sim_node_add(p->sim, "Router", &events));
	p->router = router_new("Router", p->node);
	return p;
}

void
paper_free(struct paper *p)
{
	router_free(p->router);
	node_free(p->node);
	sim_free(p->sim);
	free(p);
}

struct router *
paper_router(struct paper *p)
{
	return p->router;
}
