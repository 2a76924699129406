/* SPDX-License-Identifier: Apache-2.0 */
/* See paper.h. */
#include "cli/files/paper.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/host/sim/sim.h"

struct paper {
	struct sim *sim;
	struct node *nodes[2];
	struct router *router, *asa;
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
	p->nodes[0] = add_node(p, "Router");
	p->nodes[1] = add_node(p, "ciscoasa");
	p->router = router_new("Router", p->nodes[0]);
	p->asa = router_new_as("ciscoasa", p->nodes[1], MODE_ASA_CONFIG);
	return p;
}

void
paper_free(struct paper *p)
{
	router_free(p->router);
	router_free(p->asa);
	for (size_t i = 0; i < ARRAY_SIZE(p->nodes); i++)
		node_free(p->nodes[i]);
	sim_free(p->sim);
	free(p);
}

struct router *
paper_router(struct paper *p)
{
	return p->router;
}

struct router *
paper_asa(struct paper *p)
{
	return p->asa;
}

/* Does a line begin with the word? */
static bool
has_line(const char *text, const char *word)
{
	for (const char *at = text; (at = strstr(at, word)); at++) {
		const char *begin = at;

		while (begin > text && (begin[-1] == ' ' || begin[-1] == '\t'))
			begin--;
		if (begin == text || begin[-1] == '\n')
			return true;
	}
	return false;
}

struct router *
paper_for(struct paper *p, const char *text)
{
	bool asa = has_line(text, "ASA Version ") || has_line(text, "nameif ") ||
	           has_line(text, "nameif:");

	return asa ? p->asa : p->router;
}
