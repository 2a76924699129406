/* SPDX-License-Identifier: Apache-2.0 */
/* What cooperating key servers say of themselves and of each other, in the log and in shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/core/snapshot.h"
#include "tests/protocol/coop_world.h"

static struct snap_coop
snap_of(const struct node_under_test *n, struct arena *a)
{
	struct snap_group g;

	ks_snap(ks_of(n), world_clock(n), a, &g);
	return g.coop;
}

/* The policy of server i, which names so many of the servers as its peers. */
static struct policy *
policy_with_peers(size_t i, size_t n_peers)
{
	const struct policy_maker s = server_maker(&usual, i);
	struct policy *p = policy_server(&s, addr_of(server_addrs[i]));
	struct policy_coop *coop = &((struct policy_group *)(uintptr_t)p->groups)->server.coop;

	coop->n_peers = n_peers;
	for (size_t k = 0; k < n_peers; k++)
		coop->peers[k] = addr_of(server_addrs[k]);
	return p;
}

/* One death is told of once, also in the first minute; a peer counts from when it was typed. */
static void
test_peers_are_told_of_once(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	struct node_under_test *n = c.ks[1];
	struct arena *a = arena_new();

	(void)state;
	node_set(n, policy_with_peers(1, 2));
	world_pass(c.w, SECONDS(20));
	kill_node(c.ks[0]);
	world_pass(c.w, SECONDS(300));
	assert_int_equal(count_logged(n, "COOP_KS_UNREACH"), 1);
	assert_true(snap_of(n, a).servers[1].gone);
	assert_int_equal(snap_of(n, a).servers[1].priority, 100);
	node_set(n, policy_with_peers(1, 3));
	world_pass(c.w, SECONDS(50));
	assert_int_equal(count_logged(n, "COOP_KS_UNREACH"), 1);
	world_pass(c.w, SECONDS(20));
	assert_int_equal(count_logged(n, "COOP_KS_UNREACH"), 2);
	assert_true(node_logged(n, "COOP_KS_UNREACH: Cooperative KS 10.1.12.5"));
	node_boot(c.ks[0]);
	world_pass(c.w, SECONDS(10));
	assert_int_equal(snap_of(n, a).n_servers, 2);
	assert_false(snap_of(n, a).servers[0].gone || snap_of(n, a).servers[1].gone);
	arena_free(a);
	coop_free(&c);
}

/* The only one that could lead is dead: that keys will end is said before they do. */
static void
test_nobody_leads(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	struct node_under_test *n = c.ks[1];

	(void)state;
	n->lacks_rsa = true;
	node_set(n, policy_with_peers(1, 1));
	kill_node(c.ks[0]);
	world_pass(c.w, SECONDS(300));
	assert_int_equal(count_logged(n, "COOP_KS_NO_PRIMARY"), 1);
	assert_true(node_logged(n, "the key pair that signs rekeys is not there"));
	node_boot(c.ks[0]);
	world_pass(c.w, SECONDS(10));
	assert_ptr_equal(leader_of(&c), c.ks[0]);
	kill_node(c.ks[0]);
	world_pass(c.w, SECONDS(30));
	assert_int_equal(count_logged(n, "COOP_KS_NO_PRIMARY"), 2);
	coop_free(&c);
}

static void
test_a_peer_that_never_came(void **state)
{
	struct coop_world c = coop_new(&usual, 1);

	(void)state;
	c.lines[1] = store_line_new(store_memory_door(c.lab));
	c.w->shared = c.lines[1];
	c.ks[1] = world_node(c.w, server_addrs[1], policy_with_peers(1, 3));
	c.n = 2;
	world_pass(c.w, SECONDS(300));
	assert_int_equal(count_logged(c.ks[1], "COOP_KS_UNREACH"), 1);
	assert_true(node_logged(c.ks[1], "COOP_KS_UNREACH: Cooperative KS 10.1.12.5"));
	coop_free(&c);
}

/* Who hears the store no more shows no lead, and says so when it hears it again. */
static void
test_a_lead_is_lost(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	struct arena *a = arena_new();
	struct snap_coop k = snap_of(c.ks[0], a);

	(void)state;
	assert_true(k.leads && !k.stale && !k.unable);
	assert_true(k.servers[0].alive && k.servers[1].alive);
	store_line_set(c.lines[0], STORE_LINE_DOWN);
	world_pass(c.w, SECONDS(6));
	k = snap_of(c.ks[0], a);
	assert_true(!k.leads && k.stale);
	for (size_t i = 0; i < k.n_servers; i++)
		assert_true(k.servers[i].alive == k.servers[i].here && !k.servers[i].leads);
	assert_false(node_logged(c.ks[0], "COOP_KS_TRANS_TO_SEC"));
	store_line_set(c.lines[0], STORE_LINE_UP);
	world_pass(c.w, SECONDS(6));
	assert_int_equal(count_logged(c.ks[0], "COOP_KS_TRANS_TO_SEC: KS 10.1.12.1"), 1);
	assert_false(snap_of(c.ks[0], a).stale);
	arena_free(a);
	coop_free(&c);
}

/* How long a rekey took that another server began nobody knows. */
static void
test_a_rekey_taken_over(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	struct arena *a = arena_new();
	struct snap_group g;

	(void)state;
	core_ks_rekey(c.ks[0]->core, NULL, false, world_clock(c.ks[0]));
	world_drain(c.ks[0]);
	world_pass(c.w, 300);
	kill_node(c.ks[0]);
	world_pass(c.w, SECONDS(60));
	assert_true(ks_of(c.ks[1])->coop.leads);
	ks_snap(ks_of(c.ks[1]), world_clock(c.ks[1]), a, &g);
	assert_int_equal(g.rekey_took, 0);
	rekey_now(&c, c.ks[1]);
	world_pass(c.w, SECONDS(20));
	ks_snap(ks_of(c.ks[1]), world_clock(c.ks[1]), a, &g);
	assert_in_range(g.rekey_took, 1, SECONDS(20));
	arena_free(a);
	coop_free(&c);
}

/* It has a key pair of the right name, and not the one that members know. */
static void
test_another_key_pair(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	struct rsa_key *group = c.w->rsa;
	struct arena *a = arena_new();

	(void)state;
	assert_null(snap_of(c.ks[1], a).unable);
	kill_node(c.ks[1]);
	c.w->rsa = rsa_key_generate(1024);
	node_boot(c.ks[1]);
	world_pass(c.w, SECONDS(10));
	assert_int_equal(count_logged(c.ks[1], "COOP_KS_UNABLE: KS 10.1.12.2"), 1);
	assert_true(node_logged(c.ks[1], "its key pair is not the one"));
	assert_true(snap_of(c.ks[1], a).keyless);
	assert_non_null(snap_of(c.ks[1], a).unable);
	rsa_key_free(c.w->rsa);
	c.w->rsa = group;
	arena_free(a);
	coop_free(&c);
}

/* Who is refused, since the store does not take it, is not said to be registered. */
static void
test_a_registration_that_is_not_kept(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	unsigned said;

	(void)state;
	said = count_logged(c.ks[0], "KS_REGS_COMPL") + count_logged(c.ks[1], "KS_REGS_COMPL");
	assert_int_equal(said, MEMBERS);
	store_line_set(c.lines[0], STORE_LINE_DOWN);
	world_pass(c.w, SECONDS(10));
	node_boot(c.gm[0]);
	for (int i = 0; i < 100 && !node_registered(c.gm[0]); i++)
		world_pass(c.w, SECONDS(1));
	said = count_logged(c.ks[0], "KS_REGS_COMPL") + count_logged(c.ks[1], "KS_REGS_COMPL");
	assert_int_equal(said, MEMBERS + 1);
	coop_free(&c);
}

/* The keys end, and nobody leads who would make others. */
static void
test_keys_have_ended(void **state)
{
	struct coop_world c = coop_new(&usual, 2);

	(void)state;
	store_line_set(c.lines[0], STORE_LINE_DOWN);
	store_line_set(c.lines[1], STORE_LINE_DOWN);
	world_pass(c.w, SECONDS(1200));
	node_boot(c.gm[0]);
	world_pass(c.w, SECONDS(60));
	assert_true(node_logged(c.ks[0], "KS_KEYS_ENDED: Group member 10.1.23.3"));
	assert_false(node_logged(c.ks[0], "KS_NOT_COMPLETE"));
	coop_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_peers_are_told_of_once),
	    cmocka_unit_test(test_nobody_leads),
	    cmocka_unit_test(test_a_peer_that_never_came),
	    cmocka_unit_test(test_a_lead_is_lost),
	    cmocka_unit_test(test_a_rekey_taken_over),
	    cmocka_unit_test(test_another_key_pair),
	    cmocka_unit_test(test_a_registration_that_is_not_kept),
	    cmocka_unit_test(test_keys_have_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
