/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A record in the store of cooperating key servers that nobody can open, or that makes no sense: it
 * is passed over, and said once. It keeps nobody from leading, and nobody from what is beside it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/store/store_sealed.h"
#include "tests/protocol/coop_world.h"

/* Servers whose stores are sealed, and the lab's end of them, with their key. */
struct torn_world {
	struct coop_world c;
	struct store *sealed;
};

static void
seal_with_key(struct store *take_inner, struct store **ret)
{
	const uint8_t octets[STORE_KEY] = {1};
	struct secret key = {0};

	secret_copy(&key, SPAN(octets, sizeof(octets)));
	assert_int_equal(store_sealed_new(take_inner, &key, ret), 0);
	secret_fini(&key);
}

static struct torn_world
torn_world_new(const struct policy_maker *m)
{
	struct torn_world t = {.c = {.w = world_new(), .lab = store_memory_new()}};

	store_memory_set_clock(t.c.lab, world_time, t.c.w);
	for (size_t i = 0; i < 2; i++) {
		const struct policy_maker s = server_maker(m, i);

		seal_with_key(store_memory_door(t.c.lab), &t.c.lines[i]);
		t.c.w->shared = t.c.lines[i];
		t.c.ks[i] =
		    world_node(t.c.w, server_addrs[i], policy_server(&s, addr_of(server_addrs[i])));
		t.c.n++;
	}
	seal_with_key(store_memory_door(t.c.lab), &t.sealed);
	world_pass(t.c.w, SECONDS(6));
	for (size_t i = 0; i < MEMBERS; i++)
		add_member(&t.c, m, i);
	world_pass(t.c.w, SECONDS(5));
	assert_one_group(&t.c);
	assert_true(ks_of(t.c.ks[0])->coop.leads);
	return t;
}

static void
torn_world_free(struct torn_world *t)
{
	store_close(t->sealed);
	coop_free(&t->c);
}

/* What nobody has sealed, or what is sealed and makes no sense. */
static void
put_junk(struct torn_world *t, const char *name, bool sealed)
{
	struct store *s = sealed ? t->sealed : t->c.lab;
	const struct store_write w = {.name = name, .value = SPAN("\1junk", 5)};

	assert_int_equal(s->ops->commit(s, &(struct store_txn){.n_writes = 1, .writes = &w}, NULL),
	                 0);
}

static const char *const records[] = {
    "gdoi/n134/members/0a0a0a0a",
    "gdoi/n134/members/0a011703",
    "gdoi/n134/servers/0a0a0a0a",
    "gdoi/n134/servers/0a010c01",
    "gdoi/n134/servers/0a010c02",
    "gdoi/n134/leader",
    "gdoi/n134/sids",
    "gdoi/n134/signer",
    "gdoi/n134/members/x",
    "gdoi/n134/other",
};

/* It is there before the leader dies: the other one takes over, with the same keys. */
static void
test_it_keeps_nobody_from_leading(void **state)
{
	(void)state;
	for (size_t k = 0; k < 2 * ARRAY_SIZE(records); k++) {
		struct torn_world t = torn_world_new(&usual);
		uint32_t spi = newest_spi(t.c.ks[0]);

		put_junk(&t, records[k / 2], k % 2);
		world_pass(t.c.w, SECONDS(1));
		kill_node(t.c.ks[0]);
		world_pass(t.c.w, SECONDS(12));
		if (!ks_of(t.c.ks[1])->coop.leads)
			fail_msg("%s, %s: nobody leads", records[k / 2],
			         k % 2 ? "sealed" : "not sealed");
		assert_int_equal(newest_spi(t.c.ks[1]), spi);
		rekey_now(&t.c, t.c.ks[1]);
		assert_int_not_equal(newest_spi(t.c.ks[1]), spi);
		world_pass(t.c.w, SECONDS(60));
		assert_one_group(&t.c);
		torn_world_free(&t);
	}
}

/* It is there when all come up. */
static void
test_it_keeps_nobody_from_what_is_beside_it(void **state)
{
	(void)state;
	for (size_t k = 0; k < 2 * ARRAY_SIZE(records); k++) {
		struct torn_world t = torn_world_new(&usual);
		uint32_t spi = newest_spi(t.c.ks[0]);

		kill_node(t.c.ks[0]);
		kill_node(t.c.ks[1]);
		world_pass(t.c.w, SECONDS(5));
		put_junk(&t, records[k / 2], k % 2);
		node_boot(t.c.ks[0]);
		node_boot(t.c.ks[1]);
		world_pass(t.c.w, SECONDS(12));
		if (!leader_of(&t.c))
			fail_msg("%s, %s: nobody leads", records[k / 2],
			         k % 2 ? "sealed" : "not sealed");
		/* Where nobody knows how many identifiers are taken, other keys begin. */
		if (strcmp(records[k / 2], "gdoi/n134/sids") != 0)
			assert_int_equal(newest_spi(leader_of(&t.c)), spi);
		assert_same_keys(&t.c);
		rekey_now(&t.c, leader_of(&t.c));
		world_pass(t.c.w, SECONDS(700)); /* a member that nobody knows comes again */
		assert_one_group(&t.c);
		torn_world_free(&t);
	}
}

/* The keys: who knows them writes them again. */
static void
test_keys_are_written_again(void **state)
{
	struct torn_world t = torn_world_new(&counter);
	uint32_t spi = newest_spi(t.c.ks[0]);

	(void)state;
	put_junk(&t, "gdoi/n134/keys", false);
	world_pass(t.c.w, SECONDS(5));
	assert_non_null(leader_of(&t.c));
	assert_int_equal(newest_spi(leader_of(&t.c)), spi);
	assert_true(node_logged(t.c.ks[0], "cannot be opened: the primary writes them again"));
	kill_node(t.c.ks[1]);
	world_pass(t.c.w, SECONDS(5));
	node_boot(t.c.ks[1]);
	world_pass(t.c.w, SECONDS(5));
	assert_int_equal(newest_spi(t.c.ks[1]), spi);
	rekey_now(&t.c, leader_of(&t.c));
	assert_int_not_equal(newest_spi(t.c.ks[1]), spi);
	assert_same_keys(&t.c);
	assert_one_group(&t.c);
	torn_world_free(&t);
}

/* Nobody knows them: as where there are none. */
static void
test_keys_that_nobody_knows(void **state)
{
	struct torn_world t = torn_world_new(&usual);
	uint32_t spi = newest_spi(t.c.ks[0]);

	(void)state;
	kill_node(t.c.ks[0]);
	kill_node(t.c.ks[1]);
	world_pass(t.c.w, SECONDS(5));
	put_junk(&t, "gdoi/n134/keys", false);
	node_boot(t.c.ks[1]);
	world_pass(t.c.w, COOP_LEASE);
	assert_null(leader_of(&t.c));
	world_pass(t.c.w, SECONDS(8));
	assert_non_null(leader_of(&t.c));
	assert_int_not_equal(newest_spi(leader_of(&t.c)), spi);
	torn_world_free(&t);
}

/* However often it is met, and with whatever is torn beside it. */
static void
test_it_is_said_once(void **state)
{
	struct torn_world t = torn_world_new(&usual);
	char name[KS_NAME_MAX];

	(void)state;
	for (uint32_t i = 0; i < 20; i++) {
		ks_save_name(&ks_of(t.c.ks[0])->id, name, "members/%08x", 0x0b000000 + i);
		put_junk(&t, name, false);
	}
	for (int i = 0; i < 10; i++) {
		world_pass(t.c.w, SECONDS(2));
		ks_of(t.c.ks[1])->coop.doubts++; /* it reads all there is */
	}
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(count_logged(t.c.ks[i], "COOP_RECORD_TORN"), 1);
		assert_true(node_logged(t.c.ks[i], "20, the first is members/0b000000"));
		assert_int_equal(node_members(t.c.ks[i]), MEMBERS);
	}
	put_junk(&t, "gdoi/n134/other", false);
	world_pass(t.c.w, SECONDS(2));
	assert_int_equal(count_logged(t.c.ks[1], "COOP_RECORD_TORN"), 2);
	torn_world_free(&t);
}

struct told_apart {
	unsigned whole, torn;
};

static bool
tell_apart(void *arg, const struct store_record *r)
{
	struct told_apart *t = arg;

	t->whole += r->value.p && !r->torn;
	t->torn += !r->value.p && r->torn;
	return true;
}

/* The sealed store tells it as such, and goes on to those behind it. */
static void
test_a_read_goes_on_behind_it(void **state)
{
	struct torn_world t = torn_world_new(&usual);
	struct told_apart before = {0}, told = {0};
	uint64_t revision = 0;

	(void)state;
	assert_int_equal(t.sealed->ops->read(t.sealed, "", tell_apart, &before, NULL), 0);
	put_junk(&t, "gdoi/n134/members/00000000", false);
	assert_int_equal(t.sealed->ops->read(t.sealed, "", tell_apart, &told, &revision),
	                 -STORE_TORN);
	assert_int_equal(told.whole, before.whole);
	assert_int_equal(told.torn, 1);
	assert_true(revision);
	torn_world_free(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_it_keeps_nobody_from_leading),
	    cmocka_unit_test(test_it_keeps_nobody_from_what_is_beside_it),
	    cmocka_unit_test(test_keys_are_written_again),
	    cmocka_unit_test(test_keys_that_nobody_knows),
	    cmocka_unit_test(test_it_is_said_once),
	    cmocka_unit_test(test_a_read_goes_on_behind_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
