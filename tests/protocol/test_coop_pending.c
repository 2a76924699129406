/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one of several servers has changed of its members, while the store does not tell of it yet:
 * what others have written before does not undo it (runtime/core/ks_pending.c).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/protocol/coop_world.h"

/* --- removals --------------------------------------------------------------------------------- */

/* A follower removes a member while the leader writes: it reads all again, and removes it still. */
static void
test_a_removal_that_is_overtaken(void **state)
{
	struct coop_world c = world_at_rest();
	const uint32_t member = addr_of(member_addrs[0]);

	(void)state;
	core_ks_rekey(c.ks[0]->core, NULL, false, world_clock(c.ks[0]));
	world_drain(c.ks[0]);
	ks_member_gone(ks_of(c.ks[1]), known_at(&c, 1, member));
	world_drain(c.ks[1]);
	assert_true(revision_of(&c, member)); /* that was refused */
	world_pass(c.w, SECONDS(5));
	assert_members(&c, member, false);
	assert_int_equal(ks_of(c.ks[1])->save.gone.n, 0);
	coop_free(&c);
}

/* It has registered with another server since: that removes nobody. */
static void
test_a_removal_before_a_registration(void **state)
{
	struct coop_world c = world_at_rest();
	const uint32_t member = addr_of(member_addrs[0]);

	(void)state;
	core_ks_rekey(c.ks[0]->core, NULL, false, world_clock(c.ks[0]));
	world_drain(c.ks[0]);
	ks_member_gone(ks_of(c.ks[1]), known_at(&c, 1, member));
	c.w->now += 100;
	ks_member_seen(ks_of(c.ks[0]), member, KS_OURS, true);
	world_drain(c.ks[0]);
	world_drain(c.ks[1]);
	world_pass(c.w, SECONDS(5));
	assert_members(&c, member, true);
	assert_int_equal(known_at(&c, 1, member)->server, addr_of(server_addrs[0]));
	coop_free(&c);
}

/* What a leader has removed is not removed where it led no more before that was written. */
static void
test_removals_go_with_the_lead(void **state)
{
	struct coop_world c = world_at_rest();
	struct node_under_test *n = c.ks[0];
	struct job *job;

	(void)state;
	core_ks_clear_members(n->core, NULL, false, world_clock(n));
	job = hold_batch(n);
	store_line_set(c.lines[0], STORE_LINE_DOWN);
	world_pass(c.w, SECONDS(5));
	assert_true(ks_of(c.ks[1])->coop.leads);
	store_line_set(c.lines[0], STORE_LINE_UP);
	world_pass(c.w, SECONDS(1));
	done_job(n, job);
	assert_false(ks_of(n)->coop.leads);
	world_pass(c.w, SECONDS(5));
	for (size_t i = 0; i < MEMBERS; i++)
		assert_members(&c, addr_of(member_addrs[i]), true);
	assert_same_keys(&c);
	coop_free(&c);
}

/* A look that has read before the removal was written comes back after it. */
static void
test_a_removal_and_an_older_look(void **state)
{
	struct coop_world c = world_at_rest();
	const uint32_t member = addr_of(member_addrs[0]);
	struct node_under_test *n = c.ks[1];
	struct job *look = hold_look(n);

	(void)state;
	ks_member_gone(ks_of(n), known_at(&c, 1, member));
	world_drain(n);
	assert_int_equal(revision_of(&c, member), 0);
	core_done(n->core, &(struct core_result){.job = look}, world_clock(n));
	assert_null(known_at(&c, 1, member));
	world_pass(c.w, SECONDS(5));
	assert_members(&c, member, false);
	assert_int_equal(ks_of(n)->save.gone.n, 0);
	coop_free(&c);
}

/* --- registrations ---------------------------------------------------------------------------- */

/* All is read while a registration is being written: carried out or not, it stays one. */
static void
test_a_registration_under_way(void **state)
{
	(void)state;
	for (int fails = 0; fails < 2; fails++) {
		struct coop_world c = world_at_rest();
		struct node_under_test *n = c.ks[1];
		struct job *job;

		ks_member_seen(ks_of(n), STRANGER, KS_OURS, true);
		job = hold_batch(n);
		ks_of(n)->coop.doubts++;
		coop_look(n->core);
		world_pass(c.w, SECONDS(1));
		assert_non_null(known_at(&c, 1, STRANGER));
		if (fails)
			store_line_set(c.lines[1], STORE_LINE_DOWN);
		done_job(n, job);
		store_line_set(c.lines[1], STORE_LINE_UP);
		if (!fails)
			assert_int_equal(known_at(&c, 1, STRANGER)->revision,
			                 revision_of(&c, STRANGER));
		world_pass(c.w, SECONDS(10));
		assert_members(&c, STRANGER, true);
		coop_free(&c);
	}
}

/* A look that has read before it was written comes back after it. */
static void
test_a_registration_and_an_older_look(void **state)
{
	struct coop_world c = world_at_rest();
	struct node_under_test *n = c.ks[1];
	struct job *look = hold_look(n);

	(void)state;
	ks_member_seen(ks_of(n), STRANGER, KS_OURS, true);
	world_drain(n);
	assert_true(revision_of(&c, STRANGER));
	core_done(n->core, &(struct core_result){.job = look}, world_clock(n));
	assert_non_null(known_at(&c, 1, STRANGER));
	world_pass(c.w, SECONDS(5));
	assert_members(&c, STRANGER, true);
	coop_free(&c);
}

/* Another server removes it right after it was written, which a look tells before that is known. */
static void
test_a_registration_that_was_removed(void **state)
{
	(void)state;
	for (int whole = 0; whole < 2; whole++) {
		struct coop_world c = world_at_rest();
		struct node_under_test *n = c.ks[1];
		struct job *job;

		ks_member_seen(ks_of(n), STRANGER, KS_OURS, true);
		job = hold_batch(n);
		job->run(job);
		world_pass(c.w, COOP_TICK + 10);
		ks_member_gone(ks_of(c.ks[0]), known_at(&c, 0, STRANGER));
		world_drain(c.ks[0]);
		assert_int_equal(revision_of(&c, STRANGER), 0);
		ks_of(n)->coop.doubts += (unsigned)whole;
		world_pass(c.w, COOP_TICK + 10);
		core_done(n->core, &(struct core_result){.job = job}, world_clock(n));
		world_pass(c.w, SECONDS(5));
		assert_members(&c, STRANGER, false);
		coop_free(&c);
	}
}

/* A registration that waits for the store is later news than what another one writes of before. */
static void
test_a_registration_while_the_store_is_away(void **state)
{
	struct coop_world c = world_at_rest();
	const uint32_t member = addr_of(member_addrs[0]);
	struct node_under_test *n = c.ks[1];
	unsigned before = known_at(&c, 1, member)->registrations;

	(void)state;
	assert_int_equal(known_at(&c, 1, member)->server, addr_of(server_addrs[0]));
	store_line_set(c.lines[1], STORE_LINE_DOWN);
	world_pass(c.w, SECONDS(5));
	ks_member_seen(ks_of(n), member, KS_OURS, true);
	world_drain(n);
	ks_member_changed(ks_of(c.ks[0]), member); /* it has missed a rekey, say */
	world_drain(c.ks[0]);
	store_line_set(c.lines[1], STORE_LINE_UP);
	world_pass(c.w, SECONDS(10));
	for (size_t i = 0; i < c.n; i++) {
		assert_int_equal(known_at(&c, i, member)->registrations, before + 1);
		assert_int_equal(known_at(&c, i, member)->server, addr_of(server_addrs[1]));
	}
	coop_free(&c);
}

/* However often members register and go while the store is away, each is to be written once. */
static void
test_what_waits_for_the_store_does_not_grow(void **state)
{
	struct coop_world c = world_at_rest();
	const uint32_t member = addr_of(member_addrs[0]);
	struct node_under_test *n = c.ks[1];
	struct ks *ks = ks_of(n);

	(void)state;
	store_line_set(c.lines[1], STORE_LINE_DOWN);
	world_pass(c.w, SECONDS(5));
	for (int k = 0; k < 100; k++) {
		ks_member_seen(ks, STRANGER, KS_OURS, true);
		ks_member_seen(ks, member, KS_OURS, true);
		if (k % 3 == 0)
			ks_member_gone(ks, known_at(&c, 1, STRANGER));
		if (k % 5 == 0)
			ks_member_gone(ks, known_at(&c, 1, member));
		world_drain(n);
		world_pass(c.w, 100);
	}
	assert_true(n->core->keeps[KEEP_SHARED].failing);
	assert_int_equal(ks->save.n_changed, 2);
	ks_member_gone(ks, known_at(&c, 1, member));
	store_line_set(c.lines[1], STORE_LINE_UP);
	world_pass(c.w, SECONDS(10));
	assert_int_equal(ks->save.n_changed, 0);
	assert_members(&c, STRANGER, known_at(&c, 1, STRANGER) != NULL);
	assert_members(&c, member, false);
	coop_free(&c);
}

/* --- acknowledgements ------------------------------------------------------------------------- */

/* Of two that are written together one is refused: the other one is written all the same. */
static void
test_an_acknowledgement_beside_one_that_is_refused(void **state)
{
	struct coop_world c = world_at_rest();
	const uint32_t gone = addr_of(member_addrs[0]), other = addr_of(member_addrs[1]);
	struct node_under_test *n = c.ks[0];
	struct keep *k = &n->core->keeps[KEEP_SHARED];
	struct ks *ks = ks_of(n);
	char name[KS_NAME_MAX];
	const struct store_write removal = {.name = name};

	(void)state;
	for (struct ks_member *m = ks->oldest; m; m = m->next) {
		if (m->addr != gone && m->addr != other)
			continue;
		m->acks_received = 7;
		ks_member_acked(ks, m);
	}
	assert_int_equal(ks->save.n_acked, 2);
	ks_save_name(&ks->id, name, "members/%08x", gone);
	assert_int_equal(
	    c.lab->ops->commit(c.lab, &(struct store_txn){.n_writes = 1, .writes = &removal}, NULL),
	    0);
	k->later = true;
	world_drain(n);
	world_pass(c.w, SECONDS(10));
	assert_int_equal(ks->save.n_acked, 0);
	assert_members(&c, gone, false);
	assert_int_equal(known_at(&c, 1, other)->acks_received, 7);
	coop_free(&c);
}

/*
 * One that is refused time and again is given up. Until a look tells what others have written, the
 * member is known as of what was there, not as of a transaction that wrote nothing.
 */
static void
test_an_acknowledgement_that_is_given_up(void **state)
{
	(void)state;
	for (int beside = 0; beside < 2; beside++) {
		struct coop_world c = world_at_rest();
		const uint32_t member = addr_of(member_addrs[0]);
		struct node_under_test *n = c.ks[0];
		struct keep *k = &n->core->keeps[KEEP_SHARED];
		struct ks *ks = ks_of(n);
		struct ks_member *m = known_at(&c, 0, member);
		struct job *job;

		k->acks_refused = 2;
		m->acks_received = 7;
		ks_member_acked(ks, m);
		if (beside)
			ks_member_seen(ks, STRANGER, KS_OURS, true);
		k->later = true;
		job = hold_batch(n);
		c.w->now += 100;
		ks_member_seen(ks_of(c.ks[1]), member, KS_OURS, true);
		world_drain(c.ks[1]);
		done_job(n, job);
		world_drain(n);
		assert_false(known_at(&c, 0, member)->saving);
		world_pass(c.w, SECONDS(2));
		m = known_at(&c, 0, member);
		assert_int_equal(m->revision, revision_of(&c, member));
		assert_int_equal(m->server, addr_of(server_addrs[1]));
		m->acks_received = 9; /* and one of later is written */
		ks_member_acked(ks, m);
		world_pass(c.w, SECONDS(5));
		assert_int_equal(known_at(&c, 1, member)->acks_received, 9);
		coop_free(&c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_removal_that_is_overtaken),
	    cmocka_unit_test(test_a_removal_before_a_registration),
	    cmocka_unit_test(test_removals_go_with_the_lead),
	    cmocka_unit_test(test_a_removal_and_an_older_look),
	    cmocka_unit_test(test_a_registration_under_way),
	    cmocka_unit_test(test_a_registration_and_an_older_look),
	    cmocka_unit_test(test_a_registration_that_was_removed),
	    cmocka_unit_test(test_a_registration_while_the_store_is_away),
	    cmocka_unit_test(test_what_waits_for_the_store_does_not_grow),
	    cmocka_unit_test(test_an_acknowledgement_beside_one_that_is_refused),
	    cmocka_unit_test(test_an_acknowledgement_that_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
