/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transactions that the shared store refuses, since somebody else has written: whom that concerns,
 * and who goes on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/store/store_sealed.h"
#include "tests/protocol/coop_world.h"

/* Behind a seal, where a record that somebody has put there is torn. */
static void
add_sealed_server(struct coop_world *c, size_t i)
{
	const struct policy_maker s = server_maker(&usual, i);
	const uint8_t octets[32] = {1};
	struct secret key = {0};

	secret_copy(&key, SPAN(octets, sizeof(octets)));
	assert_int_equal(store_sealed_new(store_memory_door(c->lab), &key, &c->lines[i]), 0);
	secret_fini(&key);
	c->w->shared = c->lines[i];
	c->ks[i] = world_node(c->w, server_addrs[i], policy_server(&s, addr_of(server_addrs[i])));
	c->n = i + 1;
}

/* Carries out what the node asks for while no time passes: so many jobs, at most `most`. */
static unsigned
jobs_at_once(struct node_under_test *n, unsigned most)
{
	unsigned jobs = 0;
	struct job *job;

	do {
		core_expire(n->core, world_clock(n));
		job = hold_job(n);
		if (job)
			done_job(n, job);
	} while (job && ++jobs < most);
	return jobs;
}

/* What others wrote cannot be read, for a record is torn: nothing is tried again at full speed. */
static void
test_a_group_that_is_torn_waits(void **state)
{
	struct coop_world c = {.w = world_new(), .lab = store_memory_new()};
	const struct store_write junk = {.name = "gdoi/n134/x", .value = SPAN("junk", 4)},
	                         gone = {.name = "gdoi/n134/x"};
	struct node_under_test *n;

	(void)state;
	store_memory_set_clock(c.lab, world_time, c.w);
	add_sealed_server(&c, 0);
	add_sealed_server(&c, 1);
	world_pass(c.w, SECONDS(5));
	n = c.ks[1];
	assert_int_equal(
	    c.lab->ops->commit(c.lab, &(struct store_txn){.n_writes = 1, .writes = &junk}, NULL),
	    0);
	world_pass(c.w, SECONDS(5));
	assert_true(ks_of(n)->coop.torn);
	rekey_now(&c, c.ks[0]);
	ks_member_seen(ks_of(n), STRANGER, KS_OURS, true);
	assert_in_range(jobs_at_once(n, 1000), 1, 10);
	assert_true(ks_of(n)->coop.behind);
	assert_int_equal(
	    c.lab->ops->commit(c.lab, &(struct store_txn){.n_writes = 1, .writes = &gone}, NULL),
	    0);
	world_pass(c.w, SECONDS(5));
	assert_false(ks_of(n)->coop.behind);
	assert_members(&c, STRANGER, true);
	assert_same_keys(&c);
	coop_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_group_that_is_torn_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
