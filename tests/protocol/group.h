/* SPDX-License-Identifier: Apache-2.0 */
/* A key server and two members that have registered: where many tests begin. */
#ifndef TESTUDO_TEST_GROUP_H
#define TESTUDO_TEST_GROUP_H

#include "tests/protocol/world.h"

struct group {
	struct world *w;
	struct node_under_test *ks, *a, *b;
};

static inline struct group
group_new(const struct policy_maker *m)
{
	struct group g = {.w = world_new()};

	g.ks = world_server(g.w, m);
	g.a = world_member(g.w, m, "10.1.23.3");
	g.b = world_member(g.w, m, "10.1.24.4");
	world_pass(g.w, SECONDS(3));
	assert_true(node_registered(g.a) && node_registered(g.b));
	return g;
}

#endif
