/* SPDX-License-Identifier: Apache-2.0 */
/* `identifier` on cooperating key servers: who gives which sender identifiers away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/protocol/coop_world.h"

#define SIDS 65536

static const struct policy_kssids none = {1, 0};

/* What a server's `identifier` says; low > high: it has none. */
static struct policy_maker
maker_with(uint8_t sid_bits, struct policy_kssids range)
{
	struct policy_maker m = counter;

	m.sid_bits = sid_bits;
	m.kssids[0] = range;
	m.n_kssids = range.low <= range.high;
	return m;
}

static struct coop_world
world_with(uint8_t sid_bits, const struct policy_kssids ranges[SERVERS])
{
	struct coop_world c = {.w = world_new(), .lab = store_memory_new()};

	store_memory_set_clock(c.lab, world_time, c.w);
	for (size_t i = 0; i < SERVERS; i++) {
		const struct policy_maker m = maker_with(sid_bits, ranges[i]);

		add_server(&c, &m, i);
	}
	world_pass(c.w, SECONDS(5));
	for (size_t i = 0; i < MEMBERS; i++) {
		const struct policy_maker m = maker_with(sid_bits, none);

		add_member(&c, &m, i);
	}
	world_pass(c.w, SECONDS(5));
	return c;
}

static unsigned
kssid_of(const struct node_under_test *member, unsigned sid_bits)
{
	return sid_of(member) >> (sid_bits - policy_kssid_bits(sid_bits));
}

/* It registers anew, with the server that it prefers if that one has an identifier left. */
static void
register_again(struct coop_world *c, struct node_under_test *m)
{
	node_boot(m);
	world_pass(c->w, SECONDS(3));
	for (int i = 0; i < 20 && !node_registered(m); i++)
		world_pass(c->w, SECONDS(10));
	assert_true(node_registered(m));
}

/* Members register again and again; no identifier comes twice under one key. */
static void
use_up(struct coop_world *c, unsigned rounds)
{
	bool *seen = x_alloc(SIDS);
	uint32_t spi = 0;

	for (unsigned i = 0; i < rounds; i++) {
		struct node_under_test *m = c->gm[i % MEMBERS];

		register_again(c, m);
		if (node_sender(m)->spi != spi)
			memset(seen, 0, SIDS);
		spi = node_sender(m)->spi;
		assert_true(sid_of(m) < SIDS);
		assert_false(seen[sid_of(m)]);
		seen[sid_of(m)] = true;
	}
	free(seen);
}

static void
test_each_has_its_own(void **state)
{
	const struct policy_kssids ranges[SERVERS] = {{0, 0}, {5, 6}, {9, 9}};
	struct coop_world c = world_with(16, ranges);

	(void)state;
	for (unsigned round = 0; round < 12; round++) {
		size_t i = round % MEMBERS;

		register_again(&c, c.gm[i]);
		assert_in_range(kssid_of(c.gm[i], 16), ranges[i].low, ranges[i].high);
	}
	use_up(&c, 60);
	assert_false(node_logged(c.ks[0], "KSSID"));
	coop_free(&c);
}

/* The same numbers on two servers: they share them out. */
static void
test_two_share_a_range(void **state)
{
	const struct policy_kssids ranges[SERVERS] = {{3, 4}, {3, 4}, {3, 4}};
	struct coop_world c = world_with(16, ranges);

	(void)state;
	use_up(&c, 60);
	for (size_t i = 0; i < MEMBERS; i++)
		assert_in_range(kssid_of(c.gm[i], 16), 3, 4);
	coop_free(&c);
}

/* A small group: one part is used up, and the leader begins to count anew with other keys. */
static void
test_a_part_is_used_up(void **state)
{
	const struct policy_kssids ranges[SERVERS] = {{0, 0}, {1, 2}, {3, 3}};
	struct coop_world c = world_with(8, ranges);
	const uint32_t spi = node_sender(c.gm[0])->spi;

	(void)state;
	use_up(&c, 400);
	assert_int_not_equal(node_sender(c.gm[0])->spi, spi);
	assert_one_group(&c);
	coop_free(&c);
}

/* Numbers that are partly another's: one of the two gives none away, and says so. */
static void
test_parts_overlap(void **state)
{
	static const struct policy_kssids cases[][SERVERS] = {
	    {{0, 3}, {2, 9}, {12, 12}},
	    {{0, 3}, {1, 0}, {12, 12}}, /* all, on one, are partly the others' */
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		struct coop_world c = world_with(16, cases[k]);
		const struct node_under_test *mute;

		use_up(&c, 60);
		mute = node_logged(c.ks[0], "KSSID") ? c.ks[0] : c.ks[1];
		assert_true(node_logged(mute, "KSSID"));
		assert_int_equal(node_members(mute), 3); /* registered elsewhere */
		assert_true(ks_of(mute)->coop.sids_clash);
		assert_int_equal(ks_coop_sids_left(ks_of(mute)), 0);
		assert_one_group(&c);
		coop_free(&c);
	}
}

/* It refuses, and the member goes on to the next of its list at once. */
static void
test_without_any_it_refuses(void **state)
{
	static const struct policy_kssids clash[SERVERS] = {{2, 9}, {0, 3}, {12, 12}};
	struct coop_world c = world_with(16, clash);
	const size_t mute = ks_of(c.ks[0])->coop.sids_clash ? 0 : 1;
	struct node_under_test *m = c.gm[mute];

	(void)state;
	assert_true(ks_of(c.ks[mute])->coop.sids_clash);
	node_boot(m);
	world_pass(c.w, SECONDS(3));
	assert_true(node_registered(m));
	assert_true(node_logged(m, "cannot give us the group's keys now"));
	coop_free(&c);
}

/* Without the store none come; those it has are given away all the same. */
static void
test_without_a_store_it_refuses(void **state)
{
	const struct policy_maker lasting = {
	    .tek_lifetime = 86400, .kek_lifetime = 86400, .suite = counter.suite};
	struct coop_world c = coop_new(&lasting, SERVERS);
	unsigned rounds = 0;

	(void)state;
	for (size_t i = 0; i < SERVERS; i++)
		store_line_set(c.lines[i], STORE_LINE_DOWN);
	world_pass(c.w, SECONDS(5));
	while (ks_coop_sids_left(ks_of(c.ks[0])) && rounds++ < 1000)
		register_again(&c, c.gm[0]);
	assert_in_range(rounds, 1, 999);
	node_boot(c.gm[0]);
	world_pass(c.w, SECONDS(3));
	assert_true(node_logged(c.gm[0], "cannot give us the group's keys now"));
	coop_free(&c);
}

static void
test_identifier_is_typed_later(void **state)
{
	const struct policy_kssids ranges[SERVERS] = {{0, 0}, {5, 6}, {9, 9}};
	struct coop_world c = world_with(16, ranges);
	const uint32_t spi = node_sender(c.gm[0])->spi;

	(void)state;
	for (size_t i = 0; i < SERVERS; i++) {
		struct policy_kssids range = {(uint16_t)(10 + i), (uint16_t)(10 + i)};
		struct policy_maker m = maker_with(16, range);

		m.priority = (uint8_t)(100 - 10 * i);
		node_set(c.ks[i], policy_server(&m, addr_of(server_addrs[i])));
		world_pass(c.w, SECONDS(2));
		register_again(&c, c.gm[i]);
		assert_int_equal(kssid_of(c.gm[i], 16), 10 + i);
	}
	assert_int_equal(node_sender(c.gm[0])->spi, spi); /* nobody needs other keys for it */
	use_up(&c, 30);
	coop_free(&c);
}

/* --- a record that goes ----------------------------------------------------------------------- */

/* All that a server has taken so far, under keys of one epoch. */
struct taken {
	size_t n;
	uint64_t pieces[512][2];
};

/* Takes a piece after the other, as many as it may, until that moment. */
static void
take_pieces(struct coop_world *c, struct node_under_test *n, msec until, struct taken *t)
{
	struct ks *ks = ks_of(n);

	while (c->w->now < until) {
		if (ks->coop.sids_end > ks->next_sid) {
			assert_true(t->n < ARRAY_SIZE(t->pieces));
			t->pieces[t->n][0] = ks->next_sid;
			t->pieces[t->n++][1] = ks->coop.sids_end;
		}
		ks->next_sid = ks->coop.sids_end; /* members have come in a hurry */
		ks_coop_next_piece(ks);
		ks->coop.sids_wanted = true;
		coop_look(n->core);
		world_pass(c->w, 10);
	}
}

static void
assert_apart(const struct taken *t)
{
	for (size_t i = 0; i < t->n; i++)
		for (size_t j = 0; j < i; j++)
			assert_true(t->pieces[i][0] >= t->pieces[j][1] ||
			            t->pieces[j][0] >= t->pieces[i][1]);
}

/*
 * A server takes many pieces in the moments in which the others do not look; then their record is
 * taken away. The leader goes on beyond all that it does not know of.
 */
static void
test_a_burst_before_the_record_goes(void **state)
{
	const struct store_write gone = {.name = "gdoi/n134/sids"};
	struct coop_world c = coop_new(&counter, 3);
	const uint32_t spi = newest_spi(c.ks[0]);
	struct taken *t = x_alloc(sizeof(*t));

	(void)state;
	world_pass(c.w, SECONDS(5));
	c.ks[0]->asleep = c.ks[2]->asleep = true;
	take_pieces(&c, c.ks[1], c.w->now + 1500, t);
	assert_in_range(t->n, 8, 132); /* of two spans of two seconds */
	assert_int_equal(
	    c.lab->ops->commit(c.lab, &(struct store_txn){.n_writes = 1, .writes = &gone}, NULL),
	    0);
	c.ks[0]->asleep = c.ks[2]->asleep = false;
	world_pass(c.w, 500);
	assert_true(ks_of(c.ks[0])->coop.leads);
	take_pieces(&c, c.ks[2], c.w->now + SECONDS(1), t);
	if (newest_spi(c.ks[2]) == spi)
		assert_apart(t);
	free(t);
	coop_free(&c);
}

/* --- the record ------------------------------------------------------------------------------- */

static void
test_record_is_read(void **state)
{
	const struct policy_kssids range = {3, 5};
	struct coop_sids s = {.epoch = 7}, again;
	struct coop_kssids part, all;
	uint8_t buf[COOP_SIDS_MAX + 1] = {0};
	size_t n;

	(void)state;
	coop_kssids_of(&range, 1, 24, &part);
	coop_kssids_of(NULL, 0, 24, &all);
	assert_int_equal(coop_kssids_size(&part, 24), 3 << 17);
	assert_int_equal(coop_kssids_size(&all, 24), 1 << 24);
	coop_pool_get(&s, &part)->next = 42;
	assert_null(coop_pool_get(&s, &all));
	n = coop_put_sids(&s, buf);
	assert_true(coop_get_sids(SPAN(buf, n), &again));
	assert_int_equal(again.epoch, 7);
	assert_int_equal(again.n, 1);
	assert_int_equal(again.pools[0].next, 42);
	assert_true(coop_kssids_equal(&again.pools[0].kssids, &part));
	for (size_t i = 0; i <= n + 1; i++)
		assert_int_equal(coop_get_sids(SPAN(buf, i), &again), i == n || i == 12);
	buf[4] = COOP_POOLS_MAX + 1;
	assert_false(coop_get_sids(SPAN(buf, sizeof(buf)), &again));
}

/* As it was before there were parts: one number, of all. */
static void
test_old_record_is_read(void **state)
{
	const uint8_t old[] = {0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 1, 0};
	struct coop_kssids all;
	struct coop_sids s;

	(void)state;
	coop_kssids_of(NULL, 0, 24, &all);
	assert_true(coop_get_sids(SPAN(old, sizeof(old)), &s));
	assert_int_equal(s.epoch, 9);
	assert_int_equal(coop_pool_find(&s, &all), 0);
	assert_int_equal(s.pools[0].next, 256);
}

/* Of 32 bits: the last one is the last. */
static void
test_the_longest(void **state)
{
	const uint64_t all = (uint64_t)1 << 32;
	struct coop_world c = {.w = world_new(), .lab = store_memory_new()};
	struct policy_maker m = counter;
	struct ks *ks;

	(void)state;
	store_memory_set_clock(c.lab, world_time, c.w);
	m.sid_bits = 32;
	add_server(&c, &m, 0);
	world_pass(c.w, SECONDS(12));
	ks = ks_of(c.ks[0]);
	assert_true(ks_sids_all(ks) == all);
	assert_int_equal(ks_sid_at(ks, all - 1), UINT32_MAX);
	assert_true(coop_sids_beyond(all - 2, 1 << 20, all) == all);
	assert_true(coop_sids_beyond(all + 2, 1 << 20, all) == all);
	assert_true(coop_sids_beyond(0, 1, all) == COOP_SERVERS_MAX);
	ks_coop_note_taken(ks, all - 3);
	ks_coop_count_on(ks);
	world_pass(c.w, SECONDS(5));
	assert_true(ks_coop_sids_taken(ks) == all);
	ks->next_sid = ks->coop.sids_end;
	ks->coop.spare = ks->coop.spare_end;
	world_pass(c.w, SECONDS(5));
	assert_int_equal(ks_coop_sids_left(ks), 0);
	assert_true(ks->coop.used_up);
	coop_free(&c);
}

static void
test_every_part_is_all(void **state)
{
	const struct policy_kssids range = {0, 15};
	struct coop_kssids part, all;

	(void)state;
	coop_kssids_of(&range, 1, 16, &part);
	coop_kssids_of(NULL, 0, 16, &all);
	assert_true(coop_kssids_equal(&part, &all));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_has_its_own),
	    cmocka_unit_test(test_two_share_a_range),
	    cmocka_unit_test(test_a_part_is_used_up),
	    cmocka_unit_test(test_parts_overlap),
	    cmocka_unit_test(test_without_any_it_refuses),
	    cmocka_unit_test(test_without_a_store_it_refuses),
	    cmocka_unit_test(test_identifier_is_typed_later),
	    cmocka_unit_test(test_a_burst_before_the_record_goes),
	    cmocka_unit_test(test_record_is_read),
	    cmocka_unit_test(test_old_record_is_read),
	    cmocka_unit_test(test_every_part_is_all),
	    cmocka_unit_test(test_the_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
