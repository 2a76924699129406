/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one of several servers is told late: looks that have read before it wrote something itself,
 * or before its configuration was another one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/protocol/coop_world.h"

static void
rekey_alone(struct node_under_test *n)
{
	core_ks_rekey(n->core, NULL, false, world_clock(n));
	world_drain(n);
	world_drain(n);
}

/* It leads on, by keys that it has not taken for lost. */
static void
assert_undisturbed(struct coop_world *c, struct node_under_test *n, unsigned changes)
{
	uint32_t spi = newest_spi(n);

	for (int i = 0; i < 2; i++) {
		assert_true(ks_of(n)->coop.leads);
		assert_false(ks_of(n)->coop.lost);
		assert_int_equal(ks_of(n)->coop.changes, changes);
		assert_int_equal(newest_spi(n), spi);
		assert_false(node_logged(n, "The keys of group"));
		world_pass(c->w, SECONDS(5));
	}
	assert_same_keys(c);
}

/* A look made and not yet carried out. */
static struct job *
make_look(struct node_under_test *n)
{
	struct job *look;

	world_drain(n);
	coop_look(n->core);
	core_expire(n->core, world_clock(n));
	look = hold_job(n);
	assert_ptr_equal(look, (struct job *)n->core->coop.under_way);
	return look;
}

/* --- keys ------------------------------------------------------------------------------------- */

/* Of a look that read all before the leader wrote, the keys are no older copy that was put back. */
static void
test_keys_of_a_look_from_before(void **state)
{
	struct coop_world c = world_at_rest();
	struct node_under_test *n = c.ks[0];
	struct job *look = hold_look(n);
	unsigned changes = ks_of(n)->coop.changes;

	(void)state;
	rekey_alone(n);
	tell_job(n, look);
	assert_undisturbed(&c, n, changes);
	coop_free(&c);
}

/* The same of a look at changes that read between two transactions. */
static void
test_keys_of_a_look_between(void **state)
{
	struct coop_world c = world_at_rest();
	struct node_under_test *n = c.ks[0];
	unsigned changes = ks_of(n)->coop.changes;
	struct job *look, *batch;

	(void)state;
	look = make_look(n);
	core_ks_rekey(n->core, NULL, false, world_clock(n));
	batch = hold_batch(n);
	batch->run(batch);
	look->run(look);
	tell_job(n, batch);
	rekey_alone(n);
	tell_job(n, look);
	assert_undisturbed(&c, n, changes);
	coop_free(&c);
}

/* --- leaving ---------------------------------------------------------------------------------- */

/*
 * A group is removed while a look says that its server lives, or takes its lead. The node lives on,
 * with another group; others are not to take it for a server of this one.
 */
static void
test_words_of_who_has_left(void **state)
{
	(void)state;
	for (int lead = 0; lead < 2; lead++) {
		struct coop_world c = {.w = world_new(), .lab = store_memory_new()};
		struct node_under_test *n;
		const struct ks *other;
		struct job *look;

		store_memory_set_clock(c.lab, world_time, c.w);
		for (size_t i = 0; i < 2; i++)
			add_server_of_two(&c, policy_of_groups(i, 0, 2));
		world_pass(c.w, SECONDS(10));
		n = c.ks[0];
		assert_true(ks_of(n)->coop.leads);
		if (lead) {
			ks_coop_resign(ks_of(n));
			core_expire(n->core, world_clock(n));
			done_job(n, hold_job(n));
			assert_false(ks_of(n)->coop.leads);
		}
		ks_of(n)->coop.said = 0;
		look = make_look(n);
		node_set(n, policy_of_groups(0, 1, 1));
		world_drain(n);
		done_job(n, look);
		world_pass(c.w, SECONDS(20));
		other = ks_of(c.ks[1]);
		assert_int_equal(other->coop.n_servers, 1);
		assert_int_equal(other->coop.leader, addr_of(server_addrs[1]));
		assert_true(other->coop.leads);
		coop_free(&c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_keys_of_a_look_from_before),
	    cmocka_unit_test(test_keys_of_a_look_between),
	    cmocka_unit_test(test_words_of_who_has_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
