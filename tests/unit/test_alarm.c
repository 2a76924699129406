/* SPDX-License-Identifier: Apache-2.0 */
/* Alarms of a node: in order, once, moved, taken back, set from within one, and without a core. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/host/sim/sim.h"
#include "runtime/node/node.h"

struct bench {
	struct sim *sim;
	struct node *node;
	unsigned n;
	msec rang[8];
	struct node_alarm again;
};

static void
on_ring(void *arg, msec now)
{
	struct bench *b = arg;

	assert_true(b->n < ARRAY_SIZE(b->rang));
	b->rang[b->n++] = now;
}

static void
ring_again(void *arg, msec now)
{
	struct bench *b = arg;

	on_ring(b, now);
	if (b->n < 3)
		node_alarm_set(b->node, &b->again, now + 5);
}

static void
test_alarms(void **state)
{
	struct node_config config = {.name = "R1"};
	struct bench b = {.sim = sim_new(1, 0)};
	struct node_alarm one = {.fire = on_ring, .arg = &b}, two = one, three = one;
	struct host_events events;

	(void)state;
	b.node = node_new(&config);
	events = node_events(b.node);
	node_attach(b.node, sim_node_add(b.sim, "R1", &events));
	node_alarm_set(b.node, &one, 300);
	node_alarm_set(b.node, &two, 100);
	node_alarm_set(b.node, &three, 200);
	node_alarm_set(b.node, &three, MSEC_NEVER);
	sim_run_until(b.sim, 99);
	assert_int_equal(b.n, 0);
	sim_run_until(b.sim, 250);
	assert_int_equal(b.n, 1);
	assert_int_equal(b.rang[0], 100);
	node_alarm_set(b.node, &one, 400);
	sim_run_until(b.sim, 1000);
	assert_int_equal(b.n, 2);
	assert_int_equal(b.rang[1], 400);
	/* Gone off, it may be taken back without harm. */
	node_alarm_set(b.node, &one, MSEC_NEVER);

	b.n = 0;
	b.again = (struct node_alarm){.fire = ring_again, .arg = &b};
	node_alarm_set(b.node, &b.again, 2000);
	sim_run_until(b.sim, 3000);
	assert_int_equal(b.n, 3);
	assert_int_equal(b.rang[2], 2010);

	/* What is overdue goes off at once, also while the node is stopped. */
	b.n = 0;
	node_crash(b.node);
	node_alarm_set(b.node, &one, 10);
	sim_run_until(b.sim, 3001);
	assert_int_equal(b.n, 1);
	node_free(b.node);
	sim_free(b.sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_alarms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
