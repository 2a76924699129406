/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store of cooperating key servers is wiped in the moment in which one of them comes up: it
 * makes no keys beside those that the others, and members, still have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/protocol/coop_world.h"

static void
boot_at_a_wipe(struct coop_world *c, size_t server)
{
	kill_node(c->ks[server]);
	world_pass(c->w, SECONDS(5));
	put_back_copy(c, NULL);
	node_boot(c->ks[server]);
}

/* Whoever comes up has no memory of the group, and the others have not looked yet. */
static void
test_one_boots_as_the_store_is_wiped(void **state)
{
	(void)state;
	for (msec early = 0; early < COOP_TICK; early += 50) {
		struct coop_world c = coop_new(&usual, 2);
		uint32_t spi = newest_spi(c.ks[0]);
		unsigned before = count_registrations(&c);

		world_pass(c.w, early);
		boot_at_a_wipe(&c, 1);
		world_pass(c.w, SECONDS(10));
		assert_non_null(leader_of(&c));
		assert_int_equal(newest_spi(leader_of(&c)), spi);
		assert_same_keys(&c);
		assert_int_equal(node_members(c.ks[1]), MEMBERS);
		assert_int_equal(count_registrations(&c), before);
		assert_true(node_logged(c.ks[1], "waits for another one that has some"));
		coop_free(&c);
	}
}

/* The one that comes up is the one that would lead. */
static void
test_the_first_boots_as_the_store_is_wiped(void **state)
{
	struct coop_world c = coop_new(&usual, 3);
	uint32_t spi = newest_spi(c.ks[0]);

	(void)state;
	boot_at_a_wipe(&c, 0);
	world_pass(c.w, SECONDS(10));
	assert_non_null(leader_of(&c));
	assert_int_equal(newest_spi(leader_of(&c)), spi);
	assert_same_keys(&c);
	coop_free(&c);
}

/* Nobody has any: the wait ends. */
static void
test_nobody_has_keys(void **state)
{
	struct coop_world c = coop_new(&usual, 1);
	uint32_t spi = newest_spi(c.ks[0]);

	(void)state;
	boot_at_a_wipe(&c, 0);
	world_pass(c.w, COOP_LEASE);
	assert_int_equal(newest_spi(c.ks[0]), 0);
	world_pass(c.w, SECONDS(8));
	assert_true(newest_spi(c.ks[0]));
	assert_int_not_equal(newest_spi(c.ks[0]), spi);
	coop_free(&c);
}

static struct policy *
policy_with_peers(const struct policy_maker *maker, size_t server)
{
	const struct policy_maker m = server_maker(maker, server);
	struct policy *p = policy_server(&m, addr_of(server_addrs[server]));
	struct policy_coop *coop = &((struct policy_group *)(uintptr_t)p->groups)->server.coop;

	for (size_t i = 0; i < 3; i++)
		if (i != server)
			coop->peers[coop->n_peers++] = addr_of(server_addrs[i]);
	return p;
}

/* Where all who are configured are there, and know no keys, there is nobody to wait for. */
static void
test_all_are_there_and_know_none(void **state)
{
	struct coop_world c = {.w = world_new(), .lab = store_memory_new()};

	(void)state;
	store_memory_set_clock(c.lab, world_time, c.w);
	for (size_t i = 0; i < 3; i++) {
		c.lines[i] = store_line_new(store_memory_door(c.lab));
		c.w->shared = c.lines[i];
		c.ks[i] = world_node(c.w, server_addrs[i], policy_with_peers(&usual, i));
		c.n++;
	}
	world_pass(c.w, SECONDS(1));
	assert_ptr_equal(leader_of(&c), c.ks[0]);
	assert_same_keys(&c);
	for (size_t i = 0; i < 3; i++)
		assert_false(node_logged(c.ks[i], "waits for another one that has some"));
	coop_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_boots_as_the_store_is_wiped),
	    cmocka_unit_test(test_the_first_boots_as_the_store_is_wiped),
	    cmocka_unit_test(test_nobody_has_keys),
	    cmocka_unit_test(test_all_are_there_and_know_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
