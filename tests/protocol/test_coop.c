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

#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"
#include "runtime/core/ks.h"
#include "runtime/store/store_line.h"
#include "runtime/store/store_memory.h"
#include "tests/protocol/world.h"

#define SERVERS 3
#define MEMBERS 3

static const char *const server_addrs[SERVERS] = {"10.1.12.1", "10.1.12.2", "10.1.12.5"};
static const char *const member_addrs[MEMBERS] = {"10.1.23.3", "10.1.24.4", "10.1.25.5"};

static const struct policy_maker usual = {.tek_lifetime = 600, .kek_lifetime = 2000};
static const struct policy_maker counter = {
    .tek_lifetime = 600, .kek_lifetime = 2000, .suite = {CIPHER_GCM_256, HASH_NONE}};

struct coop_world {
	struct world *w;
	struct store *lab;
	size_t n;
	struct node_under_test *ks[SERVERS], *gm[MEMBERS];
	struct store *lines[SERVERS];
};

static msec
world_time(void *arg)
{
	return ((struct world *)arg)->now;
}

static struct policy_maker
server_maker(const struct policy_maker *m, size_t i)
{
	struct policy_maker s = *m;

	s.priority = (uint8_t)(100 - 10 * i);
	return s;
}

static void
add_server(struct coop_world *c, const struct policy_maker *m, size_t i)
{
	const struct policy_maker s = server_maker(m, i);

	c->lines[i] = store_line_new(store_memory_door(c->lab));
	c->w->shared = c->lines[i];
	c->ks[i] = world_node(c->w, server_addrs[i], policy_server(&s, addr_of(server_addrs[i])));
	c->n = i + 1;
}

/* Member i prefers server i, and knows the next one. */
static struct node_under_test *
add_member(struct coop_world *c, const struct policy_maker *m, size_t i)
{
	struct policy_maker s = *m;

	s.servers[0] = server_addrs[i % c->n];
	s.servers[1] = server_addrs[(i + 1) % c->n];
	c->gm[i] = world_member(c->w, &s, member_addrs[i]);
	return c->gm[i];
}

static struct coop_world
coop_new(const struct policy_maker *m, size_t n_servers)
{
	struct coop_world c = {.w = world_new(), .lab = store_memory_new()};

	store_memory_set_clock(c.lab, world_time, c.w);
	for (size_t i = 0; i < n_servers; i++)
		add_server(&c, m, i);
	world_pass(c.w, SECONDS(5));
	for (size_t i = 0; i < MEMBERS; i++)
		add_member(&c, m, i);
	world_pass(c.w, SECONDS(5));
	return c;
}

static void
coop_free(struct coop_world *c)
{
	world_free(c->w);
	for (size_t i = 0; i < c->n; i++)
		store_close(c->lines[i]);
	store_close(c->lab);
}

static struct ks *
ks_of(const struct node_under_test *n)
{
	return n->core->kss[0];
}

static uint32_t
newest_spi(const struct node_under_test *n)
{
	const struct ks *ks = ks_of(n);

	return ks->n_sas && ks->sas[0].n_teks ? ks->sas[0].teks[ks->sas[0].n_teks - 1].keys[0].spi
	                                      : 0;
}

/* The only one that leads; NULL: none, or several. */
static struct node_under_test *
leader_of(const struct coop_world *c)
{
	struct node_under_test *leader = NULL;

	for (size_t i = 0; i < c->n; i++)
		if (c->ks[i]->core && !c->ks[i]->asleep && ks_of(c->ks[i])->coop.leads) {
			if (leader)
				return NULL;
			leader = c->ks[i];
		}
	return leader;
}

static unsigned
count_registrations(const struct coop_world *c)
{
	unsigned n = 0;

	for (size_t i = 0; i < MEMBERS; i++)
		n += c->gm[i]->core->gms[0]->successes;
	return n;
}

static void
assert_one_group(const struct coop_world *c)
{
	for (size_t i = 0; i < MEMBERS; i++)
		for (size_t j = 0; j < MEMBERS; j++)
			assert_true(node_registered(c->gm[i]) && node_hears(c->gm[i], c->gm[j]));
}

static void
assert_same_keys(const struct coop_world *c)
{
	uint32_t spi = 0;

	for (size_t i = 0; i < c->n; i++) {
		if (!c->ks[i]->core || c->ks[i]->asleep)
			continue;
		spi = spi ? spi : newest_spi(c->ks[i]);
		assert_true(spi);
		assert_int_equal(newest_spi(c->ks[i]), spi);
	}
}

static void
rekey_now(struct coop_world *c, struct node_under_test *n)
{
	core_ks_rekey(n->core, NULL, false, world_clock(n));
	world_drain(n);
	world_pass(c->w, SECONDS(2));
}

static void
kill_node(struct node_under_test *n)
{
	core_free(n->core);
	n->core = NULL;
}

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
remove_record(void *arg, const struct store_record *r)
{
	char **names = arg;
	size_t i = 0;

	while (names[i])
		i++;
	names[i] = x_strdup(r->name);
	return true;
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

static void
test_no_identifier_comes_twice(void **state)
{
	struct coop_world c = coop_new(&counter, 3);
	bool seen[4096] = {false};

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
	world_pass(c.w, SECONDS(5));
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
	assert_true(node_logged(c.ks[0], "COOP_CONFIG_MISMATCH: Cooperative KS 10.1.12.2"));
	assert_int_equal(ks_of(c.ks[1])->sas[0].teks[0].lifetime, 600);
	assert_one_group(&c);
	coop_free(&c);
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
	    cmocka_unit_test(test_no_identifier_comes_twice),
	    cmocka_unit_test(test_clocks_that_lie),
	    cmocka_unit_test(test_redundancy_is_typed_later),
	    cmocka_unit_test(test_other_policies_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
