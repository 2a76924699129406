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

/* --- another store ---------------------------------------------------------------------------- */

struct other_store {
	struct store *lab, *line;
};

/* The second server is configured with another store, which is empty. */
static struct other_store
share_other(struct coop_world *c)
{
	const struct policy_maker s = server_maker(&usual, 1);
	struct other_store o = {.lab = store_memory_new()};

	o.line = store_line_new(store_memory_door(o.lab));
	store_memory_set_clock(o.lab, world_time, c->w);
	core_share(c->ks[1]->core, o.line, true);
	node_set(c->ks[1], policy_server(&s, addr_of(server_addrs[1])));
	world_drain(c->ks[1]);
	return o;
}

static void
close_other(struct other_store *o)
{
	store_close(o->line);
	store_close(o->lab);
}

/* Another server of the new store, with the same address and lead, say, is not to lose them. */
static void
test_leaving_is_not_told_to_another_store(void **state)
{
	static const char *const names[] = {"gdoi/n134/leader", "gdoi/n134/servers/0a010c02"};
	struct coop_world c = world_at_rest();
	struct node_under_test *n = c.ks[1];
	struct store *lab = store_memory_new();
	struct job *job;

	(void)state;
	store_memory_set_clock(lab, world_time, c.w);
	for (size_t i = 0; i < 2; i++) {
		const struct store_write w = {.name = names[i], .value = SPAN("x", 1)};

		lab->ops->commit(lab, &(struct store_txn){.n_writes = 1, .writes = &w}, NULL);
	}
	core_share(n->core, lab, true);
	while ((job = hold_job(n)) && job != (struct job *)n->core->coop.under_way)
		done_job(n, job);
	for (size_t i = 0; i < 2; i++) {
		uint64_t revision = 0;

		assert_int_equal(lab->ops->read(lab, names[i], note_found, &revision, NULL), 0);
		assert_true(revision);
	}
	if (job)
		done_job(n, job);
	coop_free(&c);
	store_close(lab);
}

/* A look, or a transaction, at the store of before says nothing of the one that is used now. */
static void
test_a_look_at_another_store(void **state)
{
	struct coop_world c = world_at_rest();
	struct node_under_test *n = c.ks[1];
	uint32_t spi = newest_spi(n);
	struct job *look = hold_look(n);
	struct other_store o = share_other(&c);

	(void)state;
	tell_job(n, look);
	assert_int_equal(ks_of(n)->coop.since, 0);
	assert_int_equal(ks_of(n)->save.revision, 0);
	assert_int_equal(n->core->coop.lease, 0);
	world_pass(c.w, SECONDS(10));
	assert_false(ks_of(n)->coop.leads); /* its peer is not there */
	assert_int_equal(newest_spi(n), spi);
	assert_int_equal(ks_of(n)->members.n, MEMBERS);
	assert_false(node_logged(n, "The keys of group"));
	coop_free(&c);
	close_other(&o);
}

static void
test_a_transaction_of_another_store(void **state)
{
	(void)state;
	for (int fails = 0; fails < 2; fails++) {
		struct coop_world c = world_at_rest();
		struct node_under_test *n = c.ks[1];
		struct other_store o;
		struct job *batch;

		ks_member_seen(ks_of(n), STRANGER, KS_OURS, true);
		batch = hold_batch(n);
		if (fails)
			store_line_set(c.lines[1], STORE_LINE_DOWN);
		o = share_other(&c);
		done_job(n, batch);
		assert_false(n->core->keeps[KEEP_SHARED].failing);
		assert_int_equal(ks_of(n)->save.revision, 0);
		assert_int_equal(ks_of(n)->save.saves, 0);
		world_pass(c.w, SECONDS(10));
		assert_false(ks_of(n)->coop.leads);
		assert_int_equal(ks_of(n)->members.n, MEMBERS + 1);
		coop_free(&c);
		close_other(&o);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_keys_of_a_look_from_before),
	    cmocka_unit_test(test_keys_of_a_look_between),
	    cmocka_unit_test(test_words_of_who_has_left),
	    cmocka_unit_test(test_leaving_is_not_told_to_another_store),
	    cmocka_unit_test(test_a_look_at_another_store),
	    cmocka_unit_test(test_a_transaction_of_another_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
