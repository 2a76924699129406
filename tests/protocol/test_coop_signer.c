/* SPDX-License-Identifier: Apache-2.0 */
/* The key that signs rekeys, where the servers of a group share it (`rekey ... shared`). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/protocol/coop_world.h"

/* Only the first server has the key pair itself. */
static struct coop_world
world_of_one_pair(void)
{
	struct coop_world c = coop_new(&usual, 2);

	for (size_t i = 0; i < 2; i++) {
		const struct policy_maker s = server_maker(&usual, i);
		struct policy *p = policy_server(&s, addr_of(server_addrs[i]));
		struct policy_group *g = (struct policy_group *)(uintptr_t)p->groups;

		g->server.rekey.shared = true;
		if (i)
			g->server.rekey.rsa_label = "NONE_HERE";
		node_set(c.ks[i], p);
		world_pass(c.w, SECONDS(3));
	}
	rekey_now(&c, c.ks[0]);
	world_pass(c.w, SECONDS(5));
	assert_non_null(ks_of(c.ks[1])->coop.signer);
	return c;
}

static bool
is_there(const struct coop_world *c)
{
	uint64_t revision = 0;

	assert_int_equal(c->lab->ops->read(c->lab, "gdoi/n134/signer", note_found, &revision, NULL),
	                 0);
	return revision;
}

static void
write_signer(const struct coop_world *c, struct span value)
{
	const struct store_write w = {.name = "gdoi/n134/signer", .value = value};

	assert_int_equal(
	    c->lab->ops->commit(c->lab, &(struct store_txn){.n_writes = 1, .writes = &w}, NULL), 0);
}

/* Who has the pair is dead, and the store is wiped: who learned the key goes on with it. */
static void
test_a_wiped_store_has_it_again(void **state)
{
	struct coop_world c = world_of_one_pair();
	struct node_under_test *n = c.ks[1];
	uint32_t rekeys;

	(void)state;
	kill_node(c.ks[0]);
	world_pass(c.w, SECONDS(10));
	assert_true(ks_of(n)->coop.leads);
	put_back_copy(&c, NULL);
	world_pass(c.w, SECONDS(20));
	assert_true(ks_of(n)->coop.leads && ks_coop_able(ks_of(n)));
	assert_true(is_there(&c));
	rekeys = ks_of(n)->pushed.rekeys;
	rekey_now(&c, n);
	assert_true(ks_of(n)->pushed.rekeys > rekeys);
	coop_free(&c);
}

/* It alone is removed, or torn: the leader writes it again, whoever has the pair. */
static void
test_a_lost_record_is_written_again(void **state)
{
	(void)state;
	for (int torn = 0; torn < 2; torn++)
		for (int owner = 0; owner < 2; owner++) {
			struct coop_world c = world_of_one_pair();
			struct node_under_test *n = c.ks[!owner];

			if (!owner) {
				kill_node(c.ks[0]);
				world_pass(c.w, SECONDS(10));
			}
			assert_true(ks_of(n)->coop.leads);
			write_signer(&c, torn ? SPAN("torn", 4) : (struct span){0});
			world_pass(c.w, SECONDS(5));
			assert_true(ks_of(n)->coop.leads && ks_of(n)->coop.signer_there);
			assert_int_equal(
			    node_logged(n, "the key that signs rekeys is not taken over"), torn);
			kill_node(n);
			if (!owner)
				node_boot(c.ks[0]);
			world_pass(c.w, SECONDS(10));
			assert_true(leader_of(&c));
			assert_non_null(ks_of(leader_of(&c))->coop.signer);
			coop_free(&c);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_wiped_store_has_it_again),
	    cmocka_unit_test(test_a_lost_record_is_written_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
