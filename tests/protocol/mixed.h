/* SPDX-License-Identifier: Apache-2.0 */
/* A world in which one member is of another make: it knows no private payload of ours. */
#ifndef TESTUDO_TEST_MIXED_H
#define TESTUDO_TEST_MIXED_H

#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"
#include "runtime/core/ks.h"
#include "tests/protocol/world.h"

struct mixed {
	struct world *w;
	struct node_under_test *ks, *ours, *other;
};

/* The server does not hear this peer's vendor ID. */
static unsigned
mixed_fault(struct world *w, struct packet *p)
{
	struct mixed *m = w->fault_arg;

	(void)p;
	for (struct ike_sa *sa = m->ks->core->ike.all; sa; sa = sa->next)
		if (sa->path.remote == addr_of("10.1.24.4"))
			sa->testudo = false;
	return 1;
}

/* `m` itself must stay where it is. */
static inline void
mixed_init(struct mixed *m, const struct policy_maker *maker)
{
	*m = (struct mixed){.w = world_new()};
	m->ks = world_server(m->w, maker);
	m->w->fault = mixed_fault;
	m->w->fault_arg = m;
	m->ours = world_member(m->w, maker, "10.1.23.3");
	m->other = world_member(m->w, maker, "10.1.24.4");
	world_pass(m->w, SECONDS(3));
}

static inline size_t
node_denies(const struct node_under_test *n)
{
	size_t denies = 0;

	for (size_t i = 0; i < n->dp.n_entries; i++)
		denies += !n->dp.entries[i].selector.permit;
	return denies;
}

#endif
