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

#include "tests/protocol/coop_world.h"

static const struct store_ops *ops_of_line;

/* As of a file whose rows are damaged. */
static int
read_nothing(struct store *s, const char *prefix, store_each *each, void *arg,
             uint64_t *ret_revision)
{
	(void)s, (void)prefix, (void)each, (void)arg, (void)ret_revision;
	return -STORE_TORN;
}

static int
tell_no_changes(struct store *s, const char *prefix, uint64_t since, unsigned wait,
                store_each *each, void *arg, uint64_t *ret_revision)
{
	(void)since, (void)wait;
	return read_nothing(s, prefix, each, arg, ret_revision);
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

/* What others wrote cannot be read: nothing is tried again at full speed. */
static void
test_a_group_that_is_torn_waits(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	struct node_under_test *n = c.ks[1];
	struct store_ops torn;

	(void)state;
	ops_of_line = c.lines[1]->ops;
	torn = *ops_of_line;
	torn.read = read_nothing;
	torn.changes = tell_no_changes;
	c.lines[1]->ops = &torn;
	world_pass(c.w, SECONDS(5));
	assert_true(ks_of(n)->coop.torn);
	rekey_now(&c, c.ks[0]);
	ks_member_seen(ks_of(n), STRANGER, KS_OURS, true);
	assert_in_range(jobs_at_once(n, 1000), 1, 10);
	assert_true(ks_of(n)->coop.behind);
	c.lines[1]->ops = ops_of_line;
	world_pass(c.w, SECONDS(5));
	assert_false(ks_of(n)->coop.behind);
	assert_members(&c, STRANGER, true);
	assert_same_keys(&c);
	coop_free(&c);
}

/* --- of two groups ---------------------------------------------------------------------------- */

static uint32_t
spi_of(const struct ks *ks)
{
	return ks->sas[0].teks[ks->sas[0].n_teks - 1].keys[0].spi;
}

/* The first server leads the first group, the second one the other. */
static struct coop_world
world_of_two(void)
{
	struct coop_world c = {.w = world_new(), .lab = store_memory_new()};

	store_memory_set_clock(c.lab, world_time, c.w);
	for (size_t i = 0; i < 2; i++) {
		struct policy *p = policy_of_groups(i, 0, 2);
		struct policy_group *g = (struct policy_group *)(uintptr_t)p->groups;

		g[1].server.coop.priority = i ? 200 : 50;
		add_server_of_two(&c, p);
	}
	world_pass(c.w, SECONDS(10));
	ks_coop_resign(c.ks[0]->core->kss[1]);
	world_pass(c.w, SECONDS(10));
	assert_true(c.ks[0]->core->kss[0]->coop.leads);
	assert_true(c.ks[1]->core->kss[1]->coop.leads);
	add_member(&c, &usual, 0);
	world_pass(c.w, SECONDS(10));
	assert_true(node_registered(c.gm[0]));
	return c;
}

/*
 * A member registers in a group whose keys are others by now, and a rekey of another group is asked
 * for meanwhile: what is refused of the one does not undo the other.
 */
static void
test_a_rekey_beside_a_group_that_is_refused(void **state)
{
	struct coop_world c = world_of_two();
	struct node_under_test *n = c.ks[0];
	struct ks *one = n->core->kss[0];
	uint32_t spi = spi_of(one);
	unsigned changes = one->coop.changes;

	(void)state;
	core_ks_rekey(c.ks[1]->core, "G1", false, world_clock(c.ks[1]));
	c.ks[1]->core->kss[1]->version++; /* it has no members: it writes all the same */
	ks_touch(c.ks[1]->core->kss[1]);
	world_drain(c.ks[1]);
	ks_member_seen(n->core->kss[1], STRANGER, KS_OURS, true);
	core_ks_rekey(n->core, "G0", false, world_clock(n));
	world_drain(n);
	world_pass(c.w, SECONDS(20));
	assert_true(one->coop.leads);
	assert_int_equal(one->coop.changes, changes);
	assert_int_not_equal(spi_of(one), spi);
	assert_int_equal(spi_of(c.ks[1]->core->kss[0]), spi_of(one));
	assert_non_null(gm_policy_tek(c.gm[0]->core->gms[0]->policy, spi_of(one)));
	assert_non_null(ks_member_find(c.ks[1]->core->kss[1], STRANGER));
	assert_int_equal(n->core->keeps[KEEP_SHARED].apart, 0);
	coop_free(&c);
}

/* The lead of one group is lost while a rekey of another one waits to be kept: that leaves. */
static void
test_a_rekey_beside_a_lead_that_is_lost(void **state)
{
	const struct store_write gone = {.name = "gdoi/n135/leader"};
	struct coop_world c = {.w = world_new(), .lab = store_memory_new()};
	struct node_under_test *n;
	struct job *batch, *look;

	(void)state;
	store_memory_set_clock(c.lab, world_time, c.w);
	for (size_t i = 0; i < 2; i++)
		add_server_of_two(&c, policy_of_groups(i, 0, 2));
	world_pass(c.w, SECONDS(10));
	n = c.ks[0];
	assert_true(n->core->kss[0]->coop.leads && n->core->kss[1]->coop.leads);
	add_member(&c, &usual, 0);
	world_pass(c.w, SECONDS(10));
	world_drain(n);
	core_ks_rekey(n->core, "G0", false, world_clock(n));
	batch = hold_batch(n);
	c.lab->ops->commit(c.lab, &(struct store_txn){.n_writes = 1, .writes = &gone}, NULL);
	coop_look(n->core);
	core_expire(n->core, world_clock(n));
	look = hold_job(n);
	assert_ptr_equal(look, (struct job *)n->core->coop.under_way);
	done_job(n, look);
	assert_false(n->core->kss[1]->coop.leads);
	done_job(n, batch);
	world_drain(n);
	world_pass(c.w, SECONDS(1));
	assert_non_null(gm_policy_tek(c.gm[0]->core->gms[0]->policy, spi_of(n->core->kss[0])));
	coop_free(&c);
}

/* --- a store that renews leases, and does no more --------------------------------------------- */

/*
 * The leader's lease lives, and what it writes is refused, or what it asks for does not come: the
 * next one leads, and the group's keys go on.
 */
static void
test_who_is_refused_gives_the_lead_up(void **state)
{
	static const enum store_line_state states[] = {STORE_LINE_NO_WRITES, STORE_LINE_NO_READS};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		struct coop_world c = coop_new(&usual, 2);

		assert_ptr_equal(leader_of(&c), c.ks[0]);
		store_line_set(c.lines[0], states[i]);
		world_pass(c.w, SECONDS(12));
		assert_false(ks_of(c.ks[0])->coop.leads);
		assert_true(ks_of(c.ks[1])->coop.leads);
		world_pass(c.w, SECONDS(1500));
		assert_true(ks_of(c.ks[1])->coop.leads);
		assert_int_equal(ks_of(c.ks[1])->coop.changes, 1);
		assert_one_group(&c);
		if (states[i] == STORE_LINE_NO_WRITES) /* It reads what the other one writes */
			assert_same_keys(&c);
		store_line_set(c.lines[0], STORE_LINE_UP);
		world_pass(c.w, SECONDS(10));
		assert_ptr_equal(leader_of(&c), c.ks[1]);
		assert_same_keys(&c);
		assert_true(ks_coop_able(ks_of(c.ks[0])));
		coop_free(&c);
	}
}

/* Who is alone leads again as soon as it may, with the same keys. */
static void
test_who_is_refused_and_alone_leads_again(void **state)
{
	struct coop_world c = coop_new(&usual, 1);
	uint32_t spi = newest_spi(c.ks[0]);

	(void)state;
	store_line_set(c.lines[0], STORE_LINE_NO_WRITES);
	world_pass(c.w, SECONDS(20));
	assert_null(leader_of(&c));
	store_line_set(c.lines[0], STORE_LINE_UP);
	world_pass(c.w, SECONDS(10));
	assert_ptr_equal(leader_of(&c), c.ks[0]);
	assert_int_equal(newest_spi(c.ks[0]), spi);
	assert_one_group(&c);
	coop_free(&c);
}

static const struct store_ops *refusing_inner;
static unsigned refused;

static int
refuse_members(struct store *s, const struct store_txn *txn, uint64_t *ret_revision)
{
	for (size_t i = 0; i < txn->n_writes; i++)
		if (strstr(txn->writes[i].name, "/members/")) {
			refused++;
			return -EMSGSIZE;
		}
	return refusing_inner->commit(s, txn, ret_revision);
}

static enum store_fault fault;

/* The next transaction with keys fails, done or not. */
static int
fail_once(struct store *s, const struct store_txn *txn, uint64_t *ret_revision)
{
	const bool after = fault == STORE_FAULT_AFTER;

	if (fault == STORE_FAULT_NONE || !strstr(txn->writes[0].name, "/keys"))
		return refusing_inner->commit(s, txn, ret_revision);
	fault = STORE_FAULT_NONE;
	if (after)
		refusing_inner->commit(s, txn, ret_revision);
	return -EIO;
}

static void
fail_next(struct coop_world *c, struct store_ops *ops, enum store_fault how)
{
	refusing_inner = c->lines[0]->ops;
	*ops = *refusing_inner;
	ops->commit = fail_once;
	c->lines[0]->ops = ops;
	fault = how;
}

/* What was asked for is done, also where one answer of the store was lost. */
static void
test_what_was_asked_for_is_done(void **state)
{
	static const enum store_fault faults[] = {STORE_FAULT_BEFORE, STORE_FAULT_AFTER};

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(faults); i++) {
		struct coop_world c = coop_new(&usual, 2);
		uint32_t spi = newest_spi(c.ks[0]);
		unsigned registrations = count_registrations(&c);
		bool remove = i & 1;
		struct store_ops ops;

		fail_next(&c, &ops, faults[i / 2]);
		if (remove)
			core_ks_clear_members(c.ks[0]->core, NULL, true, world_clock(c.ks[0]));
		else
			core_ks_rekey(c.ks[0]->core, NULL, false, world_clock(c.ks[0]));
		world_drain(c.ks[0]);
		assert_int_equal(fault, STORE_FAULT_NONE);
		world_pass(c.w, SECONDS(130));
		assert_int_not_equal(newest_spi(c.ks[0]), spi);
		assert_int_equal(count_registrations(&c) >= registrations + MEMBERS, remove);
		assert_same_keys(&c);
		assert_one_group(&c);
		assert_int_equal(ks_of(c.ks[0])->coop.ordered.what, KS_ORDER_NONE);
		coop_free(&c);
	}
}

/* The rekey that is taken up again is the one of an order before: that is not this one's. */
static void
test_what_was_asked_for_twice_is_done_twice(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	unsigned registrations;
	struct store_ops ops;

	(void)state;
	core_ks_clear_members(c.ks[0]->core, NULL, true, world_clock(c.ks[0]));
	world_pass(c.w, SECONDS(7));
	assert_one_group(&c);
	assert_true(ks_of(c.ks[0])->push.active);
	registrations = count_registrations(&c);
	fail_next(&c, &ops, STORE_FAULT_BEFORE);
	core_ks_clear_members(c.ks[0]->core, NULL, true, world_clock(c.ks[0]));
	world_pass(c.w, SECONDS(130));
	assert_int_equal(fault, STORE_FAULT_NONE);
	assert_int_equal(count_registrations(&c), registrations + MEMBERS);
	assert_one_group(&c);
	coop_free(&c);
}

/* Where another one leads by then, it is not silent. */
static void
test_what_was_asked_for_is_lost(void **state)
{
	const struct store_write gone = {.name = "gdoi/n134/leader"};
	struct coop_world c = coop_new(&usual, 2);
	struct store_ops ops;

	(void)state;
	fail_next(&c, &ops, STORE_FAULT_BEFORE);
	core_ks_clear_members(c.ks[0]->core, NULL, true, world_clock(c.ks[0]));
	world_drain(c.ks[0]);
	store_line_set(c.lines[0], STORE_LINE_DOWN);
	c.lab->ops->commit(c.lab, &(struct store_txn){.n_writes = 1, .writes = &gone}, NULL);
	world_pass(c.w, SECONDS(10));
	assert_true(ks_of(c.ks[1])->coop.leads);
	store_line_set(c.lines[0], STORE_LINE_UP);
	world_pass(c.w, SECONDS(10));
	assert_true(node_logged(c.ks[0], "clear crypto gdoi ks members now for group"));
	assert_false(node_logged(c.ks[1], "for group"));
	assert_one_group(&c);
	coop_free(&c);
}

/* What fails each time while looks work is tried every few seconds, not at each look. */
static void
test_what_always_fails_is_tried_at_times(void **state)
{
	struct coop_world c = world_at_rest();
	struct store_ops ops = *c.lines[1]->ops;

	(void)state;
	refusing_inner = c.lines[1]->ops;
	refused = 0;
	ops.commit = refuse_members;
	c.lines[1]->ops = &ops;
	ks_member_seen(ks_of(c.ks[1]), STRANGER, KS_OURS, true);
	world_drain(c.ks[1]);
	world_pass(c.w, SECONDS(60));
	assert_in_range(refused, 10, 15);
	c.lines[1]->ops = refusing_inner;
	world_pass(c.w, SECONDS(10));
	assert_members(&c, STRANGER, true);
	coop_free(&c);
}

static int
refuse_keys(struct store *s, const struct store_txn *txn, uint64_t *ret_revision)
{
	for (size_t i = 0; i < txn->n_writes; i++)
		if (strstr(txn->writes[i].name, "/keys")) {
			refused++;
			return -EMSGSIZE;
		}
	return refusing_inner->commit(s, txn, ret_revision);
}

/* Whose keys alone are refused gives the lead to who fares better, and does not flap. */
static void
test_whose_keys_are_refused(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	struct store_ops ops = *c.lines[0]->ops;
	unsigned changes = ks_of(c.ks[0])->coop.changes;

	(void)state;
	refusing_inner = c.lines[0]->ops;
	refused = 0;
	ops.commit = refuse_keys;
	c.lines[0]->ops = &ops;
	core_ks_rekey(c.ks[0]->core, NULL, false, world_clock(c.ks[0]));
	world_pass(c.w, SECONDS(60));
	assert_in_range(refused, 1, 20);
	assert_in_range(ks_of(c.ks[0])->coop.changes - changes, 1, 40);
	assert_non_null(leader_of(&c));
	assert_one_group(&c);
	c.lines[0]->ops = refusing_inner;
	coop_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_always_fails_is_tried_at_times),
	    cmocka_unit_test(test_what_was_asked_for_is_done),
	    cmocka_unit_test(test_what_was_asked_for_twice_is_done_twice),
	    cmocka_unit_test(test_what_was_asked_for_is_lost),
	    cmocka_unit_test(test_whose_keys_are_refused),
	    cmocka_unit_test(test_who_is_refused_gives_the_lead_up),
	    cmocka_unit_test(test_who_is_refused_and_alone_leads_again),
	    cmocka_unit_test(test_a_group_that_is_torn_waits),
	    cmocka_unit_test(test_a_rekey_beside_a_group_that_is_refused),
	    cmocka_unit_test(test_a_rekey_beside_a_lead_that_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
