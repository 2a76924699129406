/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key servers whose store is another one from now on: typed wrong, or moved on one server after the
 * other. Nobody makes keys in a store without the group's before all its peers are there, or an
 * administrator says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/protocol/coop_world.h"

static const struct policy_maker counting = {
    .tek_lifetime = 7200, .kek_lifetime = 9000, .suite = {CIPHER_GCM_256, HASH_NONE}};

struct moved_world {
	struct coop_world c;
	struct store *other;         /* that they move to */
	struct store *away[SERVERS]; /* a server's line to it */
	struct store *own[SERVERS];
};

/* Of server i, which awaits the first `n_peers`; prefix: of its store. */
static struct policy *
policy_with_peers(const struct policy_maker *m, size_t i, size_t n_peers, const char *prefix)
{
	const struct policy_maker s = server_maker(m, i);
	struct policy *p = policy_server(&s, addr_of(server_addrs[i]));
	struct policy_coop *coop = &((struct policy_group *)(uintptr_t)p->groups)->server.coop;

	coop->n_peers = n_peers;
	for (size_t k = 0; k < n_peers; k++)
		coop->peers[k] = addr_of(server_addrs[k]);
	p->store.etcd.prefix = prefix;
	return p;
}

static void
moved_world_begin(struct moved_world *m, const struct policy_maker *maker, size_t n_servers)
{
	*m = (struct moved_world){.c = {.w = world_new(), .lab = store_memory_new()},
	                          .other = store_memory_new()};
	store_memory_set_clock(m->c.lab, world_time, m->c.w);
	store_memory_set_clock(m->other, world_time, m->c.w);
	for (size_t i = 0; i < n_servers; i++) {
		m->away[i] = store_line_new(store_memory_door(m->other));
		m->own[i] = store_memory_new();
		store_memory_set_clock(m->own[i], world_time, m->c.w);
		m->c.lines[i] = store_line_new(store_memory_door(m->c.lab));
		m->c.w->store = m->own[i];
		m->c.w->shared = m->c.lines[i];
		m->c.ks[i] = world_node(m->c.w, server_addrs[i],
		                        policy_with_peers(maker, i, n_servers, "/here"));
		m->c.n = i + 1;
	}
	m->c.w->store = NULL;
	world_pass(m->c.w, SECONDS(5));
	for (size_t i = 0; i < MEMBERS; i++)
		add_member(&m->c, maker, i);
	world_pass(m->c.w, SECONDS(5));
	assert_one_group(&m->c);
	assert_true(ks_of(m->c.ks[0])->coop.leads);
}

static void
moved_world_end(struct moved_world *m)
{
	const size_t n = m->c.n;

	coop_free(&m->c);
	for (size_t i = 0; i < n; i++) {
		store_close(m->away[i]);
		store_close(m->own[i]);
	}
	store_close(m->other);
}

/* As its administrator types it. */
static void
move_server(struct moved_world *m, const struct policy_maker *maker, size_t i)
{
	struct node_under_test *n = m->c.ks[i];

	n->shared = m->away[i];
	core_share(n->core, m->away[i], true);
	node_set(n, policy_with_peers(maker, i, m->c.n, "/there"));
	world_drain(n);
}

static void
register_again(struct moved_world *m, size_t i)
{
	node_boot(m->c.gm[i]);
	for (int k = 0; k < 10 && !node_registered(m->c.gm[i]); k++)
		world_pass(m->c.w, SECONDS(10));
	assert_true(node_registered(m->c.gm[i]));
}

/* The lead of before is taken by another one there; nobody makes keys here. */
static void
test_one_moves_alone(void **state)
{
	struct moved_world m;
	uint32_t spi;

	(void)state;
	moved_world_begin(&m, &counting, 2);
	spi = newest_spi(m.c.ks[0]);
	move_server(&m, &counting, 0);
	world_pass(m.c.w, SECONDS(60));
	assert_ptr_equal(leader_of(&m.c), m.c.ks[1]);
	assert_int_equal(newest_spi(m.c.ks[0]), spi);
	assert_int_equal(ks_coop_unable(ks_of(m.c.ks[0])), COOP_MOVED);
	assert_true(node_logged(m.c.ks[0], "COOP_STORE_MOVED"));
	register_again(&m, 0); /* who asks it first */
	assert_one_group(&m.c);
	moved_world_end(&m);
}

/* It comes back: whom it has registered meanwhile the one that leads learns of. */
static void
test_one_comes_back(void **state)
{
	(void)state;
	for (int reached = 0; reached < 2; reached++) {
		struct policy_maker maker = counting;
		struct node_under_test *late;
		struct moved_world m;
		unsigned registrations;

		moved_world_begin(&m, &counting, 2);
		store_line_set(m.away[0], reached ? STORE_LINE_UP : STORE_LINE_DOWN);
		move_server(&m, &counting, 0);
		world_pass(m.c.w, SECONDS(10));
		maker.servers[0] = server_addrs[0];
		late = world_member(m.c.w, &maker, "10.1.26.6");
		world_pass(m.c.w, SECONDS(60));
		assert_true(node_registered(late));
		registrations = count_registrations(&m.c);
		core_share(m.c.ks[0]->core, m.c.lines[0], true);
		node_set(m.c.ks[0], policy_with_peers(&counting, 0, 2, "/here"));
		world_pass(m.c.w, SECONDS(20));
		assert_ptr_equal(leader_of(&m.c), m.c.ks[1]);
		assert_same_keys(&m.c);
		assert_members(&m.c, late->addr, true);
		rekey_now(&m.c, m.c.ks[1]);
		world_pass(m.c.w, SECONDS(60));
		assert_same_keys(&m.c);
		assert_one_group(&m.c);
		assert_true(node_hears(m.c.gm[0], late) && node_hears(late, m.c.gm[1]));
		assert_int_equal(count_registrations(&m.c), registrations);
		moved_world_end(&m);
	}
}

/* The last one has all that became of the group, and leads there with the same keys. */
static void
test_all_move_one_by_one(void **state)
{
	struct moved_world m;
	uint32_t spi;

	(void)state;
	moved_world_begin(&m, &counting, 3);
	for (size_t i = 0; i < 3; i++) {
		move_server(&m, &counting, i);
		world_pass(m.c.w, SECONDS(30));
		register_again(&m, i);
		if (i == 1)
			rekey_now(&m.c, m.c.ks[2]);
	}
	spi = newest_spi(m.c.ks[2]);
	assert_ptr_equal(leader_of(&m.c), m.c.ks[2]);
	assert_same_keys(&m.c);
	rekey_now(&m.c, m.c.ks[2]);
	world_pass(m.c.w, SECONDS(60));
	assert_int_not_equal(newest_spi(m.c.ks[2]), spi);
	assert_same_keys(&m.c);
	for (size_t i = 0; i < 3; i++)
		register_again(&m, i);
	assert_one_group(&m.c);
	assert_false(node_logged(m.c.ks[2], "COOP_STORE_MOVED"));
	moved_world_end(&m);
}

/* Its peers are gone for good. */
static void
test_an_administrator_says_so(void **state)
{
	struct moved_world m;

	(void)state;
	moved_world_begin(&m, &counting, 2);
	move_server(&m, &counting, 0);
	world_pass(m.c.w, SECONDS(10));
	assert_false(ks_of(m.c.ks[0])->coop.leads);
	kill_node(m.c.ks[1]);
	assert_int_equal(core_ks_elect(m.c.ks[0]->core, NULL, world_clock(m.c.ks[0])), REACH_ALL);
	world_drain(m.c.ks[0]);
	world_pass(m.c.w, SECONDS(10));
	assert_ptr_equal(leader_of(&m.c), m.c.ks[0]);
	rekey_now(&m.c, m.c.ks[0]);
	world_pass(m.c.w, SECONDS(60));
	for (size_t i = 0; i < MEMBERS; i++)
		register_again(&m, i);
	assert_one_group(&m.c);
	moved_world_end(&m);
}

/* Nobody is there, as at a mistyped address. */
static void
test_a_store_that_is_not_there(void **state)
{
	struct moved_world m;
	uint32_t spi;

	(void)state;
	moved_world_begin(&m, &counting, 2);
	spi = newest_spi(m.c.ks[0]);
	store_line_set(m.away[0], STORE_LINE_DOWN);
	move_server(&m, &counting, 0);
	world_pass(m.c.w, SECONDS(30));
	assert_int_equal(newest_spi(m.c.ks[0]), spi);
	assert_true(node_logged(m.c.ks[0], "COOP_KS_TRANS_TO_SEC"));
	register_again(&m, 0);
	assert_one_group(&m.c);
	moved_world_end(&m);
}

/* The same store by another name: keys, members and numbers are there. */
static void
test_the_same_store(void **state)
{
	struct moved_world m;
	uint32_t spi;

	(void)state;
	moved_world_begin(&m, &counting, 2);
	spi = newest_spi(m.c.ks[0]);
	core_share(m.c.ks[0]->core, m.c.lines[0], true);
	node_set(m.c.ks[0], policy_with_peers(&counting, 0, 2, "/renamed"));
	world_pass(m.c.w, SECONDS(10));
	assert_non_null(leader_of(&m.c));
	assert_int_equal(newest_spi(m.c.ks[0]), spi);
	assert_false(node_logged(m.c.ks[0], "COOP_STORE_MOVED"));
	rekey_now(&m.c, leader_of(&m.c));
	assert_same_keys(&m.c);
	for (size_t i = 0; i < MEMBERS; i++)
		register_again(&m, i);
	assert_one_group(&m.c);
	moved_world_end(&m);
}

/* Started again with another store, it remembers that the group had keys in the one before. */
static void
test_one_comes_up_elsewhere(void **state)
{
	struct moved_world m;

	(void)state;
	moved_world_begin(&m, &counting, 2);
	kill_node(m.c.ks[0]);
	world_pass(m.c.w, SECONDS(10));
	m.c.ks[0]->shared = m.away[0];
	policy_free(m.c.ks[0]->policy);
	m.c.ks[0]->policy = policy_with_peers(&counting, 0, 2, "/there");
	node_boot(m.c.ks[0]);
	world_pass(m.c.w, SECONDS(60));
	assert_ptr_equal(leader_of(&m.c), m.c.ks[1]);
	assert_int_equal(newest_spi(m.c.ks[0]), 0);
	assert_true(node_logged(m.c.ks[0], "COOP_STORE_MOVED"));
	/* And once more: what it remembers is still of the store before. */
	kill_node(m.c.ks[0]);
	node_boot(m.c.ks[0]);
	world_pass(m.c.w, SECONDS(60));
	assert_ptr_equal(leader_of(&m.c), m.c.ks[1]);
	assert_int_equal(newest_spi(m.c.ks[0]), 0);
	move_server(&m, &counting, 1);
	world_pass(m.c.w, SECONDS(30));
	assert_non_null(leader_of(&m.c));
	assert_same_keys(&m.c);
	moved_world_end(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_moves_alone),
	    cmocka_unit_test(test_one_comes_back),
	    cmocka_unit_test(test_all_move_one_by_one),
	    cmocka_unit_test(test_an_administrator_says_so),
	    cmocka_unit_test(test_a_store_that_is_not_there),
	    cmocka_unit_test(test_the_same_store),
	    cmocka_unit_test(test_one_comes_up_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
