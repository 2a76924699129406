/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key servers that were all down while somebody put older records into the store that they share:
 * what each remembers in its own store (ks_seen.h) tells.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/protocol/coop_world.h"

/* Few identifiers, so that servers take new ones all the time. */
static const struct policy_maker few = {.tek_lifetime = 7200,
                                        .kek_lifetime = 9000,
                                        .suite = {CIPHER_GCM_256, HASH_NONE}, /* counts */
                                        .sid_bits = 8};

#define RECORDS 64
#define GIVEN   512

struct seen_world {
	struct coop_world c;
	struct store *own[SERVERS];
	size_t n_given;
	uint32_t given[GIVEN][2]; /* SPI and sender identifier */
};

static void
seen_world_begin(struct seen_world *s, size_t n_servers)
{
	*s = (struct seen_world){.c = {.w = world_new(), .lab = store_memory_new()}};
	store_memory_set_clock(s->c.lab, world_time, s->c.w);
	for (size_t i = 0; i < n_servers; i++) {
		s->own[i] = store_memory_new();
		store_memory_set_clock(s->own[i], world_time, s->c.w);
		s->c.w->store = s->own[i];
		add_server(&s->c, &few, i);
	}
	s->c.w->store = NULL;
	world_pass(s->c.w, SECONDS(5));
	for (size_t i = 0; i < MEMBERS; i++)
		add_member(&s->c, &few, i);
	world_pass(s->c.w, SECONDS(5));
	assert_one_group(&s->c);
}

static void
seen_world_end(struct seen_world *s)
{
	coop_free(&s->c);
	for (size_t i = 0; i < SERVERS && s->own[i]; i++)
		store_close(s->own[i]);
}

/* Members register again and again; nobody gets an identifier that another has under that key. */
static void
give_some(struct seen_world *s, unsigned rounds)
{
	for (unsigned k = 0; k < rounds; k++) {
		struct node_under_test *m = s->c.gm[k % MEMBERS];
		uint32_t spi, sid;

		node_boot(m);
		for (int i = 0; i < 30 && !node_registered(m); i++)
			world_pass(s->c.w, SECONDS(10));
		assert_true(node_registered(m));
		spi = node_sender(m)->spi;
		sid = sid_of(m);
		for (size_t i = 0; i < s->n_given; i++)
			assert_false(s->given[i][0] == spi && s->given[i][1] == sid);
		assert_true(s->n_given < GIVEN);
		s->given[s->n_given][0] = spi;
		s->given[s->n_given++][1] = sid;
	}
}

static void
stop_servers(struct coop_world *c)
{
	for (size_t i = 0; i < c->n; i++)
		kill_node(c->ks[i]);
	world_pass(c->w, SECONDS(5));
}

static void
boot_servers(struct coop_world *c)
{
	for (size_t i = 0; i < c->n; i++)
		node_boot(c->ks[i]);
	world_pass(c->w, SECONDS(10));
}

static void
test_all_come_back(void **state)
{
	struct seen_world s;
	uint32_t spi;

	(void)state;
	seen_world_begin(&s, 2);
	give_some(&s, 6);
	rekey_now(&s.c, leader_of(&s.c));
	spi = newest_spi(leader_of(&s.c));
	stop_servers(&s.c);
	boot_servers(&s.c);
	assert_non_null(leader_of(&s.c));
	assert_int_equal(newest_spi(leader_of(&s.c)), spi);
	for (size_t i = 0; i < s.c.n; i++)
		assert_false(node_logged(s.c.ks[i], "older ones"));
	give_some(&s, 6);
	seen_world_end(&s);
}

/* Keys of before are no keys: the group begins anew, with others. */
static void
test_older_keys_are_noticed(void **state)
{
	struct copied copy[RECORDS] = {{0}};
	struct seen_world s;
	uint32_t old, later;

	(void)state;
	seen_world_begin(&s, 2);
	old = newest_spi(leader_of(&s.c));
	assert_int_equal(s.c.lab->ops->read(s.c.lab, "", copy_record, copy, NULL), 0);
	give_some(&s, 12);
	rekey_now(&s.c, leader_of(&s.c));
	later = newest_spi(leader_of(&s.c));
	stop_servers(&s.c);
	put_back_copy(&s.c, copy);
	boot_servers(&s.c);
	assert_non_null(leader_of(&s.c));
	assert_int_not_equal(newest_spi(leader_of(&s.c)), old);
	assert_int_not_equal(newest_spi(leader_of(&s.c)), later);
	assert_true(node_logged(s.c.ks[0], "older ones") || node_logged(s.c.ks[1], "older ones"));
	give_some(&s, 12);
	assert_same_keys(&s.c);
	assert_one_group(&s.c);
	seen_world_end(&s);
}

/* Who remembers nothing takes over what the one has begun that remembers, and came up first. */
static void
test_one_remembers(void **state)
{
	(void)state;
	for (size_t remembers = 0; remembers < 2; remembers++) {
		struct copied copy[RECORDS] = {{0}};
		struct seen_world s;
		uint32_t old;

		seen_world_begin(&s, 2);
		old = newest_spi(leader_of(&s.c));
		assert_int_equal(s.c.lab->ops->read(s.c.lab, "", copy_record, copy, NULL), 0);
		rekey_now(&s.c, leader_of(&s.c));
		stop_servers(&s.c);
		put_back_copy(&s.c, copy);
		s.c.ks[1 - remembers]->store = NULL;
		node_boot(s.c.ks[remembers]);
		world_pass(s.c.w, SECONDS(5));
		node_boot(s.c.ks[1 - remembers]);
		world_pass(s.c.w, SECONDS(20));
		assert_non_null(leader_of(&s.c));
		assert_int_not_equal(newest_spi(leader_of(&s.c)), old);
		assert_same_keys(&s.c);
		seen_world_end(&s);
	}
}

static void
test_older_identifiers_are_noticed(void **state)
{
	struct copied copy[RECORDS] = {{0}};
	struct seen_world s;
	uint32_t spi;

	(void)state;
	seen_world_begin(&s, 2);
	assert_int_equal(s.c.lab->ops->read(s.c.lab, "gdoi/n134/sids", copy_record, copy, NULL), 0);
	give_some(&s, 45);
	spi = newest_spi(leader_of(&s.c));
	stop_servers(&s.c);
	for (size_t i = 0; copy[i].name; i++) {
		const struct store_write w = {.name = copy[i].name,
		                              .value = SPAN(copy[i].value, copy[i].n)};

		s.c.lab->ops->commit(s.c.lab, &(struct store_txn){.n_writes = 1, .writes = &w},
		                     NULL);
		free(copy[i].name);
		free(copy[i].value);
	}
	boot_servers(&s.c);
	/* Nobody can know how many were taken: under other keys that does not matter. */
	assert_int_not_equal(newest_spi(leader_of(&s.c)), spi);
	give_some(&s, 45);
	seen_world_end(&s);
}

/*
 * The store is wiped and the group begun anew, while one is cut off that has identifiers of the
 * keys of before: it has none of the new ones.
 */
static void
test_cut_off_while_it_begins_anew(void **state)
{
	struct seen_world s;

	(void)state;
	seen_world_begin(&s, 2);
	give_some(&s, 6);
	store_line_set(s.c.lines[1], STORE_LINE_DOWN);
	world_pass(s.c.w, SECONDS(5));
	kill_node(s.c.ks[0]);
	s.c.ks[0]->store = NULL;
	put_back_copy(&s.c, NULL);
	world_pass(s.c.w, SECONDS(5));
	node_boot(s.c.ks[0]);
	world_pass(s.c.w, SECONDS(10));
	store_line_set(s.c.lines[1], STORE_LINE_UP);
	world_pass(s.c.w, SECONDS(20));
	assert_same_keys(&s.c);
	give_some(&s, 60);
	assert_one_group(&s.c);
	seen_world_end(&s);
}

static void
test_its_memory_is_torn(void **state)
{
	const struct store_write w = {.name = "shared/gdoi/n134/seen", .value = SPAN("torn", 4)};
	struct seen_world s;
	uint32_t spi;

	(void)state;
	seen_world_begin(&s, 2);
	spi = newest_spi(leader_of(&s.c));
	stop_servers(&s.c);
	assert_int_equal(
	    s.own[0]->ops->commit(s.own[0], &(struct store_txn){.n_writes = 1, .writes = &w}, NULL),
	    0);
	boot_servers(&s.c);
	assert_true(node_logged(s.c.ks[0], "would not be noticed"));
	assert_int_equal(newest_spi(leader_of(&s.c)), spi);
	give_some(&s, 6);
	seen_world_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all_come_back),
	    cmocka_unit_test(test_older_keys_are_noticed),
	    cmocka_unit_test(test_one_remembers),
	    cmocka_unit_test(test_older_identifiers_are_noticed),
	    cmocka_unit_test(test_cut_off_while_it_begins_anew),
	    cmocka_unit_test(test_its_memory_is_torn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
