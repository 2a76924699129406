/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key servers that cooperate (runtime/core/coop.h): one leads, whoever dies, stands still or is cut
 * off; there is one set of keys, and members notice nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/protocol/coop_world.h"

#define SIDS_SEEN (1 << 20) /* of those that are given away here */

/* --- the usual -------------------------------------------------------------------------------- */

static void
test_one_leads_and_all_register(void **state)
{
	struct coop_world c = coop_new(&usual, 3);
	uint32_t spi;

	(void)state;
	assert_ptr_equal(leader_of(&c), c.ks[0]);
	assert_one_group(&c);
	assert_same_keys(&c);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(node_members(c.ks[i]), 3);
		assert_int_equal(ks_of(c.ks[i])->coop.n_servers, 3);
	}
	spi = newest_spi(c.ks[0]);
	assert_int_equal(core_ks_rekey(c.ks[1]->core, NULL, false, world_clock(c.ks[1])),
	                 REACH_NOT_PRIMARY);
	world_drain(c.ks[1]);
	assert_int_equal(newest_spi(c.ks[1]), spi);
	rekey_now(&c, c.ks[0]);
	assert_int_not_equal(newest_spi(c.ks[0]), spi);
	assert_same_keys(&c);
	world_pass(c.w, SECONDS(7200));
	assert_one_group(&c);
	assert_same_keys(&c);
	assert_int_equal(count_registrations(&c), 3);
	assert_ptr_equal(leader_of(&c), c.ks[0]);
	coop_free(&c);
}

static void
test_a_leader_dies_and_comes_back(void **state)
{
	struct coop_world c = coop_new(&usual, 3);
	uint32_t spi = newest_spi(c.ks[0]);
	uint64_t pseudo;

	(void)state;
	kill_node(c.ks[0]);
	world_pass(c.w, SECONDS(3));
	assert_ptr_equal(leader_of(&c), c.ks[1]);
	assert_true(node_logged(c.ks[1], "COOP_KS_UNREACH: Cooperative KS 10.1.12.1"));
	assert_true(node_logged(c.ks[1], "KS 10.1.12.2 in group GET_VPN transitioned to Primary "
	                                 "(Previous Primary = 10.1.12.1)"));
	assert_int_equal(newest_spi(c.ks[1]), spi);
	assert_one_group(&c);
	rekey_now(&c, c.ks[1]);
	assert_int_not_equal(newest_spi(c.ks[1]), spi);
	assert_one_group(&c);
	node_boot(c.ks[0]);
	world_pass(c.w, SECONDS(10));
	assert_ptr_equal(leader_of(&c), c.ks[1]);
	assert_same_keys(&c);
	assert_int_equal(node_members(c.ks[0]), 3);
	pseudo = ks_pseudotime(ks_of(c.ks[0]), world_clock(c.ks[0]));
	assert_in_range(ks_pseudotime(ks_of(c.ks[1]), world_clock(c.ks[1])), pseudo - 1000,
	                pseudo + 1000);
	world_pass(c.w, SECONDS(7200));
	assert_one_group(&c);
	assert_same_keys(&c);
	assert_int_equal(count_registrations(&c), 3);
	coop_free(&c);
}

/* At every tenth of a second of the life of a rekey. */
static void
test_a_leader_dies_while_it_rekeys(void **state)
{
	(void)state;
	for (msec after = 0; after < 1000; after += 100) {
		struct coop_world c = coop_new(&usual, 2);

		core_ks_rekey(c.ks[0]->core, NULL, false, world_clock(c.ks[0]));
		if (after)
			world_drain(c.ks[0]);
		world_pass(c.w, after);
		kill_node(c.ks[0]);
		world_pass(c.w, SECONDS(60));
		assert_ptr_equal(leader_of(&c), c.ks[1]);
		assert_false(node_logged(c.ks[1], "KS_REKEY_NO_ACK"));
		assert_one_group(&c);
		world_pass(c.w, SECONDS(3000));
		assert_one_group(&c);
		assert_int_equal(count_registrations(&c), 3);
		coop_free(&c);
	}
}

static void
test_a_leader_that_slept(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	uint32_t spi;

	(void)state;
	c.ks[0]->asleep = true;
	world_pass(c.w, SECONDS(5));
	assert_ptr_equal(leader_of(&c), c.ks[1]);
	rekey_now(&c, c.ks[1]);
	spi = newest_spi(c.ks[1]);
	c.ks[0]->asleep = false;
	core_ks_rekey(c.ks[0]->core, NULL, false, world_clock(c.ks[0]));
	world_drain(c.ks[0]);
	world_pass(c.w, SECONDS(5));
	assert_ptr_equal(leader_of(&c), c.ks[1]);
	assert_int_equal(newest_spi(c.ks[1]), spi);
	assert_same_keys(&c);
	assert_one_group(&c);
	assert_int_equal(count_registrations(&c), 3);
	for (size_t i = 0; i < MEMBERS; i++)
		assert_false(node_logged(c.gm[i], "SEQ_FAILURE"));
	coop_free(&c);
}

/* `clear crypto gdoi ks coop role` makes an election; coming back does not. */
static void
test_a_leader_resigns(void **state)
{
	struct coop_world c = coop_new(&usual, 3);

	(void)state;
	kill_node(c.ks[0]);
	world_pass(c.w, SECONDS(4));
	node_boot(c.ks[0]);
	world_pass(c.w, SECONDS(4));
	assert_ptr_equal(leader_of(&c), c.ks[1]);
	assert_false(ks_coop_resign(ks_of(c.ks[0])));
	assert_true(ks_coop_resign(ks_of(c.ks[1])));
	world_pass(c.w, SECONDS(2));
	assert_ptr_equal(leader_of(&c), c.ks[0]);
	assert_one_group(&c);
	coop_free(&c);
}

/* --- no store --------------------------------------------------------------------------------- */

static void
test_members_register_without_the_store(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	uint32_t spi = newest_spi(c.ks[0]);

	(void)state;
	for (size_t i = 0; i < c.n; i++)
		store_line_set(c.lines[i], STORE_LINE_DOWN);
	world_pass(c.w, SECONDS(20));
	assert_true(node_logged(c.ks[0], "COOP_STORE_UNREACH"));
	for (size_t i = 0; i < MEMBERS; i++) {
		node_boot(c.gm[i]);
		world_pass(c.w, SECONDS(5));
	}
	assert_one_group(&c);
	rekey_now(&c, c.ks[0]);
	assert_int_equal(newest_spi(c.ks[0]), spi);
	assert_int_equal(newest_spi(c.ks[1]), spi);
	for (size_t i = 0; i < c.n; i++)
		store_line_set(c.lines[i], STORE_LINE_UP);
	world_pass(c.w, SECONDS(20));
	assert_non_null(leader_of(&c));
	rekey_now(&c, leader_of(&c));
	assert_int_not_equal(newest_spi(c.ks[0]), spi);
	assert_same_keys(&c);
	assert_one_group(&c);
	coop_free(&c);
}

/* One is cut off from the store, and serves on with the keys it knows. */
static void
test_the_leader_is_cut_off(void **state)
{
	static const enum store_line_state states[] = {STORE_LINE_DOWN, STORE_LINE_DEAF};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		struct coop_world c = coop_new(&usual, 2);

		store_line_set(c.lines[0], states[i]);
		core_ks_rekey(c.ks[0]->core, NULL, false, world_clock(c.ks[0]));
		world_drain(c.ks[0]);
		world_pass(c.w, SECONDS(5));
		assert_false(ks_of(c.ks[0])->coop.leads && ks_of(c.ks[1])->coop.leads);
		world_pass(c.w, SECONDS(10));
		assert_true(ks_of(c.ks[1])->coop.leads); /* whatever the store still hears */
		rekey_now(&c, c.ks[1]);
		store_line_set(c.lines[0], STORE_LINE_UP);
		world_pass(c.w, SECONDS(10));
		assert_non_null(leader_of(&c));
		assert_same_keys(&c);
		world_pass(c.w, SECONDS(1300));
		assert_one_group(&c);
		assert_same_keys(&c);
		coop_free(&c);
	}
}

static bool
copy_revision(void *arg, const struct store_record *r)
{
	*(uint64_t *)arg = r->revision;
	return false;
}

/* Members keep their keys, and who leads writes them again. */
static void
test_the_store_is_wiped(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	uint32_t spi = newest_spi(c.ks[0]);
	char *names[64] = {0};

	(void)state;
	assert_int_equal(c.lab->ops->read(c.lab, "", remove_record, names, NULL), 0);
	for (size_t i = 0; names[i]; i++) {
		const struct store_write w = {.name = names[i]};

		c.lab->ops->commit(c.lab, &(struct store_txn){.n_writes = 1, .writes = &w}, NULL);
		free(names[i]);
	}
	world_pass(c.w, SECONDS(10));
	assert_non_null(leader_of(&c));
	assert_int_equal(newest_spi(leader_of(&c)), spi);
	assert_same_keys(&c);
	assert_int_equal(node_members(c.ks[1]), 3);
	rekey_now(&c, leader_of(&c));
	assert_same_keys(&c);
	assert_one_group(&c);
	assert_int_equal(count_registrations(&c), 3);
	coop_free(&c);
}

/* --- who registers where ---------------------------------------------------------------------- */

/* A member that registers elsewhere while the leader rekeys is told of it. */
static void
test_nobody_misses_a_rekey(void **state)
{
	(void)state;
	for (msec at = 0; at < 600; at += 40) {
		struct coop_world c = coop_new(&usual, 2);

		node_boot(c.gm[1]);
		world_pass(c.w, at);
		core_ks_rekey(c.ks[0]->core, NULL, false, world_clock(c.ks[0]));
		world_drain(c.ks[0]);
		world_pass(c.w, SECONDS(10));
		assert_one_group(&c);
		world_pass(c.w, SECONDS(1200));
		assert_one_group(&c);
		coop_free(&c);
	}
}

static bool
knows_key(const struct node_under_test *member, uint32_t spi)
{
	const struct gm_policy *p = member->core->gms[0]->policy;

	for (size_t i = 0; p && i < p->n_teks; i++)
		if (p->teks[i].spi == spi)
			return true;
	return false;
}

/* Who ends in order is not waited for. */
static void
test_who_ends_in_order_frees_the_lead(void **state)
{
	struct coop_world c = coop_new(&usual, 2);

	(void)state;
	assert_ptr_equal(leader_of(&c), c.ks[0]);
	core_leave(c.ks[0]->core);
	kill_node(c.ks[0]);
	world_pass(c.w, SECONDS(1));
	assert_true(ks_of(c.ks[1])->coop.leads);
	assert_same_keys(&c);
	coop_free(&c);
}

/* A rekey is made, and before anybody has taken it to be sent, the lead is lost: nobody gets it. */
static void
test_a_rekey_that_nobody_sent_is_lost(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	struct ks *ks = ks_of(c.ks[0]);
	uint32_t spi;

	(void)state;
	core_ks_rekey(c.ks[0]->core, NULL, true, world_clock(c.ks[0]));
	spi = newest_spi(c.ks[0]);
	core_expire(c.ks[0]->core, world_clock(c.ks[0]));
	ks_coop_behind(ks);
	world_drain(c.ks[0]);
	world_pass(c.w, SECONDS(20));
	assert_non_null(leader_of(&c));
	assert_one_group(&c);
	for (size_t i = 0; i < MEMBERS; i++)
		assert_true(knows_key(c.gm[i], newest_spi(leader_of(&c))));
	for (size_t i = 0; i < MEMBERS; i++)
		assert_false(knows_key(c.gm[i], spi));
	coop_free(&c);
}

/*
 * A member registers without the store, with keys that others have replaced: it is told when the
 * store is back, also by a leader that did not make the rekey.
 */
static void
test_a_member_of_old_keys_is_told(void **state)
{
	(void)state;
	for (int dies = 0; dies < 2; dies++) {
		struct coop_world c = {.w = world_new(), .lab = store_memory_new()};

		store_memory_set_clock(c.lab, world_time, c.w);
		for (size_t i = 0; i < 3; i++)
			add_server(&c, &usual, i);
		world_pass(c.w, SECONDS(5));
		add_member(&c, &usual, 0);
		add_member(&c, &usual, 2);
		world_pass(c.w, SECONDS(5));
		store_line_set(c.lines[1], STORE_LINE_DOWN);
		world_pass(c.w, SECONDS(5));
		rekey_now(&c, c.ks[0]);
		world_pass(c.w, SECONDS(60));
		add_member(&c, &usual, 1);
		world_pass(c.w, SECONDS(5));
		assert_int_equal(c.gm[1]->core->gms[0]->registered_server,
		                 addr_of(server_addrs[1]));
		if (dies) {
			kill_node(c.ks[0]);
			world_pass(c.w, SECONDS(5));
		}
		store_line_set(c.lines[1], STORE_LINE_UP);
		world_pass(c.w, SECONDS(20));
		assert_same_keys(&c);
		assert_one_group(&c);
		world_pass(c.w, SECONDS(100));
		assert_true(knows_key(c.gm[1], newest_spi(c.ks[2])));
		coop_free(&c);
	}
}

/* Another server has written of a member meanwhile: its answer is still one that was asked for. */
static void
test_answers_to_a_rekey_under_way(void **state)
{
	struct coop_world c = coop_new(&usual, 2);

	(void)state;
	core_ks_rekey(c.ks[0]->core, NULL, false, world_clock(c.ks[0]));
	world_drain(c.ks[0]);
	for (size_t i = 0; i < MEMBERS; i++)
		ks_member_changed(ks_of(c.ks[1]), addr_of(member_addrs[i]));
	world_pass(c.w, SECONDS(6));
	assert_false(node_logged(c.ks[0], "it was not asked for"));
	coop_free(&c);
}

static void
test_no_identifier_comes_twice(void **state)
{
	struct coop_world c = coop_new(&counter, 3);
	static bool seen[SIDS_SEEN];

	(void)state;
	for (int round = 0; round < 400; round++) {
		size_t i = (size_t)round % MEMBERS;
		uint32_t sid;

		if (round % 50 == 20) {
			kill_node(c.ks[round / 50 % 3]);
			world_pass(c.w, SECONDS(3));
			node_boot(c.ks[round / 50 % 3]);
		}
		node_boot(c.gm[i]);
		world_pass(c.w, SECONDS(3));
		for (int k = 0; k < 10 && !node_registered(c.gm[i]); k++)
			world_pass(c.w, SECONDS(10));
		assert_true(node_registered(c.gm[i]));
		sid = c.gm[i]->core->gms[0]->policy->sid;
		assert_true(sid < ARRAY_SIZE(seen));
		assert_false(seen[sid]);
		seen[sid] = true;
	}
	coop_free(&c);
}

/* Members register again and again; no identifier is seen twice under one key. */
static void
use_up_sids(struct coop_world *c, unsigned rounds, bool *seen, uint32_t *spi)
{
	for (unsigned i = 0; i < rounds; i++) {
		struct node_under_test *m = c->gm[i % MEMBERS];
		uint32_t now;

		node_boot(m);
		world_pass(c->w, SECONDS(3));
		for (int k = 0; k < 20 && !node_registered(m); k++)
			world_pass(c->w, SECONDS(10));
		assert_true(node_registered(m));
		now = node_sender(m)->spi;
		if (now != *spi)
			memset(seen, 0, SIDS_SEEN * sizeof(*seen));
		*spi = now;
		assert_true(sid_of(m) < SIDS_SEEN);
		assert_false(seen[sid_of(m)]);
		seen[sid_of(m)] = true;
	}
}

/* A small group uses up all; the leader begins to count anew, with other keys. */
static void
test_identifiers_are_used_up(void **state)
{
	struct policy_maker small = counter;
	struct coop_world c;
	static bool seen[SIDS_SEEN];
	uint32_t spi = 0;

	(void)state;
	memset(seen, 0, sizeof(seen));
	small.sid_bits = 8;
	c = coop_new(&small, 3);
	spi = node_sender(c.gm[0])->spi;
	for (size_t i = 0; i < MEMBERS; i++)
		seen[sid_of(c.gm[i])] = true;
	use_up_sids(&c, 300, seen, &spi);
	assert_true(node_logged(c.ks[0], "SID") || node_logged(c.ks[1], "SID") ||
	            node_logged(c.ks[2], "SID"));
	coop_free(&c);
}

/* The store is wiped, or put back to what it was: counting goes on, and so does the group. */
static void
test_no_identifier_comes_twice_from_an_older_store(void **state)
{
	(void)state;
	for (int wiped = 0; wiped < 2; wiped++) {
		struct coop_world c = coop_new(&counter, 2);
		struct copied copy[64] = {0};
		static bool seen[SIDS_SEEN];
		uint32_t spi = node_sender(c.gm[0])->spi;

		memset(seen, 0, sizeof(seen));
		for (size_t i = 0; i < MEMBERS; i++)
			seen[sid_of(c.gm[i])] = true;
		assert_int_equal(c.lab->ops->read(c.lab, "", copy_record, copy, NULL), 0);
		use_up_sids(&c, 300, seen, &spi);
		rekey_now(&c, leader_of(&c));
		world_pass(c.w, SECONDS(30));
		assert_one_group(&c);
		spi = newest_spi(c.ks[0]);
		if (wiped)
			for (size_t i = 0; copy[i].name; i++) {
				free(copy[i].name);
				free(copy[i].value);
			}
		put_back_copy(&c, wiped ? NULL : copy);
		world_pass(c.w, SECONDS(10));
		assert_non_null(leader_of(&c));
		assert_true(node_logged(c.ks[0], "COOP_KEYS_LOST"));
		assert_int_equal(newest_spi(leader_of(&c)), spi);
		assert_same_keys(&c);
		/* Who starts again now finds it, too. */
		kill_node(c.ks[1]);
		world_pass(c.w, SECONDS(4));
		node_boot(c.ks[1]);
		world_pass(c.w, SECONDS(6));
		assert_same_keys(&c);
		memset(seen, 0, sizeof(seen)); /* other keys since the rekey */
		for (size_t i = 0; i < MEMBERS; i++)
			seen[sid_of(c.gm[i])] = true;
		use_up_sids(&c, 60, seen, &spi);
		assert_one_group(&c);
		coop_free(&c);
	}
}

/* --- clocks ----------------------------------------------------------------------------------- */

/* The group's time is one, whatever a server's clock says. */
static void
test_clocks_that_lie(void **state)
{
	struct coop_world c = {.w = world_new(), .lab = store_memory_new()};
	uint64_t pseudo;

	(void)state;
	store_memory_set_clock(c.lab, world_time, c.w);
	add_server(&c, &usual, 0);
	world_pass(c.w, SECONDS(5));
	add_server(&c, &usual, 1);
	c.ks[1]->wall_wrong = SECONDS(3600);
	add_server(&c, &usual, 2);
	c.ks[2]->wall_wrong = -SECONDS(3600);
	c.ks[2]->skew = SECONDS(77777);
	world_pass(c.w, SECONDS(20));
	for (size_t i = 0; i < MEMBERS; i++)
		add_member(&c, &usual, i);
	world_pass(c.w, SECONDS(20));
	for (size_t i = 0; i < 3; i++) {
		pseudo = ks_pseudotime(ks_of(c.ks[0]), world_clock(c.ks[0]));
		assert_in_range(ks_pseudotime(ks_of(c.ks[i]), world_clock(c.ks[i])), pseudo - 2000,
		                pseudo + 2000);
	}
	assert_one_group(&c);
	kill_node(c.ks[0]);
	world_pass(c.w, SECONDS(4000));
	assert_one_group(&c);
	assert_int_equal(count_registrations(&c), 3);
	coop_free(&c);
}

static uint32_t
begin_with_clocks(struct coop_world *c)
{
	*c = coop_new(&usual, 3);
	assert_ptr_equal(leader_of(c), c->ks[0]);
	return newest_spi(c->ks[0]);
}

/* The clock of the one that leads is set; then it dies. Its keys are as old as they were. */
static void
test_the_clock_of_the_leader_is_set(void **state)
{
	static const msec jumps[] = {SECONDS(86400), -SECONDS(86400)};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(jumps); i++) {
		struct coop_world c;
		uint32_t spi = begin_with_clocks(&c);

		c.ks[0]->wall_wrong = jumps[i];
		world_pass(c.w, SECONDS(12));
		kill_node(c.ks[0]);
		world_pass(c.w, SECONDS(5));
		assert_ptr_equal(leader_of(&c), c.ks[1]);
		assert_int_equal(newest_spi(c.ks[1]), spi);
		c.ks[2]->wall_wrong = -jumps[i];
		kill_node(c.ks[1]);
		world_pass(c.w, SECONDS(5));
		assert_ptr_equal(leader_of(&c), c.ks[2]);
		assert_int_equal(newest_spi(c.ks[2]), spi);
		coop_free(&c);
	}
}

/* The one that leads is started again, so soon that its lease still lives, with a wrong clock. */
static void
test_a_leader_starts_with_a_wrong_clock(void **state)
{
	struct coop_world c;
	uint32_t spi = begin_with_clocks(&c);

	(void)state;
	kill_node(c.ks[0]);
	world_pass(c.w, 500);
	c.ks[0]->wall_wrong = SECONDS(86400);
	node_boot(c.ks[0]);
	world_pass(c.w, SECONDS(10));
	assert_non_null(leader_of(&c));
	assert_int_equal(newest_spi(c.ks[0]), spi);
	assert_same_keys(&c);
	coop_free(&c);
}

/* It leads with a clock that is behind, as nobody else lives; who slept meanwhile leads next. */
static void
test_time_never_goes_back(void **state)
{
	struct coop_world c;
	uint32_t spi = begin_with_clocks(&c);

	(void)state;
	c.ks[1]->asleep = true;
	kill_node(c.ks[2]);
	kill_node(c.ks[0]);
	world_pass(c.w, SECONDS(5));
	c.ks[0]->wall_wrong = -SECONDS(86400);
	node_boot(c.ks[0]);
	world_pass(c.w, SECONDS(5));
	assert_int_equal(newest_spi(c.ks[0]), spi);
	kill_node(c.ks[0]);
	world_pass(c.w, SECONDS(5));
	c.ks[1]->asleep = false;
	world_pass(c.w, SECONDS(5));
	assert_ptr_equal(leader_of(&c), c.ks[1]);
	assert_int_equal(newest_spi(c.ks[1]), spi);
	coop_free(&c);
}

/* --- configuration ---------------------------------------------------------------------------- */

static void
test_redundancy_is_typed_later(void **state)
{
	struct coop_world c = {.w = world_new(), .lab = store_memory_new()};
	struct policy_maker alone = usual, first = server_maker(&usual, 0);

	(void)state;
	store_memory_set_clock(c.lab, world_time, c.w);
	add_server(&c, &usual, 0);
	add_server(&c, &usual, 1);
	node_set(c.ks[0], policy_server(&alone, addr_of(server_addrs[0])));
	world_pass(c.w, COOP_BARE + SECONDS(2));
	assert_false(ks_of(c.ks[0])->coop.on);
	assert_true(ks_of(c.ks[1])->coop.leads);
	for (size_t i = 0; i < MEMBERS; i++)
		add_member(&c, &usual, i);
	world_pass(c.w, SECONDS(10));
	node_set(c.ks[0], policy_server(&first, addr_of(server_addrs[0])));
	world_pass(c.w, SECONDS(60));
	assert_same_keys(&c);
	assert_one_group(&c);
	assert_ptr_equal(leader_of(&c), c.ks[1]);
	/* One leaves; the group goes on. */
	node_set(c.ks[1], policy_member(&usual, addr_of(server_addrs[1])));
	world_pass(c.w, SECONDS(10));
	assert_true(ks_of(c.ks[0])->coop.leads);
	rekey_now(&c, c.ks[0]);
	assert_one_group(&c);
	coop_free(&c);
}

static void
test_other_policies_are_told(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	struct policy_maker other = server_maker(&usual, 1);

	(void)state;
	other.tek_lifetime = 900;
	node_set(c.ks[1], policy_server(&other, addr_of(server_addrs[1])));
	world_pass(c.w, SECONDS(10));
	assert_true(node_logged(c.ks[0],
	                        "COOP_CONFIG_MISMATCH: WARNING: security-association lifetime: "
	                        "the configuration of Cooperative KS 10.1.12.2"));
	assert_int_equal(ks_of(c.ks[1])->sas[0].teks[0].lifetime, 600);
	assert_one_group(&c);
	coop_free(&c);
}

/* The record of its keys is of a later version: it overwrites nothing. */
static void
test_unreadable_keys_stay(void **state)
{
	struct coop_world c = {.w = world_new(), .lab = store_memory_new()};
	const uint8_t later[] = {99, 1, 2, 3};
	const struct store_write w = {.name = "gdoi/n134/keys", .value = SPAN(later, 4)};
	uint64_t before = 0, after = 0;

	(void)state;
	store_memory_set_clock(c.lab, world_time, c.w);
	assert_int_equal(
	    c.lab->ops->commit(c.lab, &(struct store_txn){.n_writes = 1, .writes = &w}, &before),
	    0);
	add_server(&c, &usual, 0);
	world_pass(c.w, SECONDS(30));
	assert_true(node_logged(c.ks[0], "a later version"));
	assert_null(leader_of(&c));
	assert_int_equal(c.lab->ops->read(c.lab, "gdoi/n134/keys", copy_revision, &after, NULL), 0);
	assert_int_equal(after, before);
	coop_free(&c);
}

/* Nothing was ever committed, and the configuration changes. */
static void
test_the_first_commit_fails(void **state)
{
	struct policy_maker other = server_maker(&usual, 0);

	(void)state;
	other.tek_lifetime = 900;
	for (unsigned nth = 1; nth < 6; nth++) {
		struct coop_world c = {.w = world_new(), .lab = store_memory_new()};
		const struct ks_sa *sa;

		store_memory_set_clock(c.lab, world_time, c.w);
		store_memory_set_fault(c.lab, STORE_FAULT_BEFORE, nth, -ENOSPC);
		add_server(&c, &usual, 0);
		world_pass(c.w, 300);
		node_set(c.ks[0], policy_server(&other, addr_of(server_addrs[0])));
		world_pass(c.w, SECONDS(60));
		assert_ptr_equal(leader_of(&c), c.ks[0]);
		sa = &ks_of(c.ks[0])->sas[0];
		assert_int_equal(sa->teks[sa->n_teks - 1].lifetime, 900);
		coop_free(&c);
	}
}

/* The server is another one then; who it was leads no more. */
static void
test_a_server_changes_its_address(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	struct policy_maker s = server_maker(&usual, 0);

	(void)state;
	node_set(c.ks[0], policy_server(&s, addr_of("10.1.12.9")));
	world_pass(c.w, SECONDS(10));
	assert_non_null(leader_of(&c));
	assert_int_equal(ks_of(c.ks[1])->coop.n_servers, 2);
	assert_same_keys(&c);
	node_set(c.ks[0], policy_server(&s, 0));
	world_pass(c.w, SECONDS(10));
	assert_ptr_equal(leader_of(&c), c.ks[1]);
	assert_int_equal(ks_of(c.ks[1])->coop.n_servers, 1);
	rekey_now(&c, c.ks[1]);
	assert_one_group(&c);
	coop_free(&c);
}

/* Somebody else has written, and then the store is away: nobody waits for it. */
static void
test_overtaken_and_cut_off(void **state)
{
	struct coop_world c = coop_new(&usual, 2);

	(void)state;
	rekey_now(&c, c.ks[0]);
	keep_wait_for_news(&c.ks[1]->core->keeps[KEEP_SHARED]);
	store_line_set(c.lines[1], STORE_LINE_DOWN);
	node_boot(c.gm[1]);
	world_pass(c.w, SECONDS(10));
	assert_true(node_registered(c.gm[1]));
	assert_int_equal(c.gm[1]->core->gms[0]->registered_server, addr_of(server_addrs[1]));
	coop_free(&c);
}

/* The group's time goes on through every change of the leader. */
static void
test_time_goes_on(void **state)
{
	struct coop_world c = coop_new(&usual, 3);
	msec began = world_time(c.w);
	uint64_t pseudo = ks_pseudotime(ks_of(c.ks[0]), world_clock(c.ks[0]));

	(void)state;
	for (int i = 0; i < 12; i++) {
		struct node_under_test *n = leader_of(&c);

		assert_non_null(n);
		kill_node(n);
		world_pass(c.w, SECONDS(5));
		node_boot(n);
		world_pass(c.w, SECONDS(5) + 333 * i);
	}
	for (size_t i = 0; i < 3; i++) {
		uint64_t now = pseudo + (uint64_t)(world_time(c.w) - began);

		assert_in_range(ks_pseudotime(ks_of(c.ks[i]), world_clock(c.ks[i])), now - 1500,
		                now + 1500);
	}
	assert_one_group(&c);
	coop_free(&c);
}

/* The signing key is shared later on the leader than on the others. */
static void
test_a_signer_is_shared_later(void **state)
{
	struct coop_world c = coop_new(&usual, 2);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct policy_maker s = server_maker(&usual, i);
		struct policy *p = policy_server(&s, addr_of(server_addrs[i]));

		((struct policy_group *)(uintptr_t)p->groups)->server.rekey.shared = true;
		node_set(c.ks[i], p);
		world_pass(c.w, SECONDS(3));
	}
	core_ks_rekey(c.ks[0]->core, NULL, false, world_clock(c.ks[0]));
	world_drain(c.ks[0]);
	world_pass(c.w, SECONDS(5));
	assert_non_null(ks_of(c.ks[1])->coop.signer);
	coop_free(&c);
}

/* Another place of the store is typed: nobody begins there while the others are elsewhere. */
static void
test_the_store_is_another_one(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	struct store *lab = store_memory_new(), *line = store_line_new(store_memory_door(lab));
	const struct policy_maker s = server_maker(&usual, 1);

	(void)state;
	store_memory_set_clock(lab, world_time, c.w);
	/* The old one goes on elsewhere. */
	core_share(c.ks[1]->core, line, true);
	node_set(c.ks[1], policy_server(&s, addr_of(server_addrs[1])));
	world_pass(c.w, SECONDS(10));
	assert_ptr_equal(leader_of(&c), c.ks[0]);
	assert_same_keys(&c);
	/* And comes back to the same store, reached otherwise. */
	core_share(c.ks[1]->core, c.lines[1], false);
	node_set(c.ks[1], policy_server(&s, addr_of(server_addrs[1])));
	world_pass(c.w, SECONDS(10));
	assert_ptr_equal(leader_of(&c), c.ks[0]);
	core_share(c.ks[1]->core, c.lines[1], true);
	node_set(c.ks[1], policy_server(&s, addr_of(server_addrs[1])));
	world_pass(c.w, SECONDS(10));
	assert_ptr_equal(leader_of(&c), c.ks[0]);
	assert_same_keys(&c);
	coop_free(&c);
	store_close(line);
	store_close(lab);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_leads_and_all_register),
	    cmocka_unit_test(test_a_leader_dies_and_comes_back),
	    cmocka_unit_test(test_a_leader_dies_while_it_rekeys),
	    cmocka_unit_test(test_a_leader_that_slept),
	    cmocka_unit_test(test_a_leader_resigns),
	    cmocka_unit_test(test_members_register_without_the_store),
	    cmocka_unit_test(test_the_leader_is_cut_off),
	    cmocka_unit_test(test_the_store_is_wiped),
	    cmocka_unit_test(test_nobody_misses_a_rekey),
	    cmocka_unit_test(test_who_ends_in_order_frees_the_lead),
	    cmocka_unit_test(test_a_rekey_that_nobody_sent_is_lost),
	    cmocka_unit_test(test_a_member_of_old_keys_is_told),
	    cmocka_unit_test(test_answers_to_a_rekey_under_way),
	    cmocka_unit_test(test_no_identifier_comes_twice),
	    cmocka_unit_test(test_identifiers_are_used_up),
	    cmocka_unit_test(test_no_identifier_comes_twice_from_an_older_store),
	    cmocka_unit_test(test_clocks_that_lie),
	    cmocka_unit_test(test_the_clock_of_the_leader_is_set),
	    cmocka_unit_test(test_a_leader_starts_with_a_wrong_clock),
	    cmocka_unit_test(test_time_never_goes_back),
	    cmocka_unit_test(test_redundancy_is_typed_later),
	    cmocka_unit_test(test_other_policies_are_told),
	    cmocka_unit_test(test_unreadable_keys_stay),
	    cmocka_unit_test(test_the_first_commit_fails),
	    cmocka_unit_test(test_a_server_changes_its_address),
	    cmocka_unit_test(test_overtaken_and_cut_off),
	    cmocka_unit_test(test_the_store_is_another_one),
	    cmocka_unit_test(test_time_goes_on),
	    cmocka_unit_test(test_a_signer_is_shared_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
