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

/* --- another pair ----------------------------------------------------------------------------- */

static struct policy_rekey *
rekey_of(struct policy *p)
{
	return &((struct policy_group *)(uintptr_t)p->groups)->server.rekey;
}

static void
type_label(struct coop_world *c, size_t i, const char *label, bool shared, bool there)
{
	const struct policy_maker s = server_maker(&usual, i);
	struct policy *p = policy_server(&s, addr_of(server_addrs[i]));

	rekey_of(p)->configured = there || shared; /* as it is compiled */
	rekey_of(p)->rsa_label = label;
	rekey_of(p)->shared = shared;
	node_set(c->ks[i], p);
}

static void
usual_policy(struct coop_world *c, size_t i)
{
	const struct policy_maker s = server_maker(&usual, i);

	node_set(c->ks[i], policy_server(&s, addr_of(server_addrs[i])));
}

/* It is imported, generated: whoever has it can lead from then on. */
static void
test_a_pair_that_comes_later(void **state)
{
	struct coop_world c = coop_new(&usual, 2);
	struct node_under_test *n = c.ks[1];

	(void)state;
	kill_node(n);
	n->lacks_rsa = true;
	node_boot(n);
	world_pass(c.w, SECONDS(5));
	assert_int_equal(ks_coop_unable(ks_of(n)), COOP_NO_KEY);
	n->lacks_rsa = false;
	usual_policy(&c, 1);
	world_pass(c.w, SECONDS(1));
	assert_int_equal(ks_coop_unable(ks_of(n)), COOP_ABLE);
	kill_node(c.ks[0]);
	world_pass(c.w, SECONDS(10));
	assert_ptr_equal(leader_of(&c), n);
	rekey_now(&c, n);
	assert_one_group(&c);
	/* And it is removed again. */
	node_boot(c.ks[0]);
	world_pass(c.w, SECONDS(5));
	c.ks[0]->lacks_rsa = true;
	usual_policy(&c, 0);
	assert_int_equal(ks_coop_unable(ks_of(c.ks[0])), COOP_NO_KEY);
	coop_free(&c);
}

static void
assert_keeps_its_kek(const struct coop_world *c, unsigned registrations)
{
	for (size_t i = 0; i < MEMBERS; i++)
		assert_false(node_logged(c->gm[i], "deletes the KEK"));
	assert_int_equal(count_registrations(c), registrations);
	assert_true(ks_of(leader_of(c))->kek.present);
}

/* `shared` is taken away on the one that leads with the pair of another one. */
static void
test_shared_is_taken_away(void **state)
{
	struct coop_world c = world_of_one_pair();
	unsigned registrations = count_registrations(&c);

	(void)state;
	kill_node(c.ks[0]);
	world_pass(c.w, SECONDS(10));
	assert_ptr_equal(leader_of(&c), c.ks[1]);
	type_label(&c, 1, "NONE_HERE", false, false);
	world_pass(c.w, SECONDS(30));
	assert_ptr_equal(leader_of(&c), c.ks[1]); /* nobody else can */
	assert_int_equal(ks_coop_unable(ks_of(c.ks[1])), COOP_NO_KEY);
	assert_true(node_logged(c.ks[1], "COOP_KS_UNABLE"));
	rekey_now(&c, c.ks[1]);
	assert_one_group(&c);
	assert_keeps_its_kek(&c, registrations);
	node_boot(c.ks[0]);
	world_pass(c.w, SECONDS(10));
	assert_ptr_equal(leader_of(&c), c.ks[0]);
	rekey_now(&c, c.ks[0]);
	assert_one_group(&c);
	assert_keeps_its_kek(&c, registrations);
	coop_free(&c);
}

static bool
signs_with(const struct node_under_test *n, const struct rsa_key *key)
{
	struct span a = rsa_key_public_der(ks_of(n)->coop.signer), b = rsa_key_public_der(key);
	bool same = a.n == b.n && !memcmp(a.p, b.p, a.n);

	free((void *)(uintptr_t)a.p);
	free((void *)(uintptr_t)b.p);
	return same && ks_kek_is_signed_with(ks_of(n), key);
}

static bool
copy_value(void *arg, const struct store_record *r)
{
	secret_copy(arg, r->value);
	return false;
}

/* What was typed outlives a transaction that fails. */
static void
test_another_pair_is_not_kept_at_once(void **state)
{
	struct coop_world c = world_of_one_pair();

	(void)state;
	c.w->next_rsa = rsa_key_generate(1024);
	type_label(&c, 0, "NEXT_KEY", true, true);
	for (int i = 0; i < 40 && !ks_of(c.ks[0])->save.writing; i++) {
		store_line_set(c.lines[0], STORE_LINE_DOWN);
		world_pass(c.w, 250);
	}
	store_line_set(c.lines[1], STORE_LINE_DOWN); /* nobody else leads */
	world_pass(c.w, SECONDS(10));
	store_line_set(c.lines[0], STORE_LINE_UP);
	world_pass(c.w, SECONDS(5));
	store_line_set(c.lines[1], STORE_LINE_UP);
	world_pass(c.w, SECONDS(60));
	if (leader_of(&c) == c.ks[0])
		assert_true(signs_with(c.ks[1], c.w->next_rsa));
	else
		assert_true(node_logged(c.ks[0], "COOP_SIGNER_KEPT"));
	rsa_key_free(c.w->next_rsa);
	coop_free(&c);
}

/* Typed on the one that leads, it comes with the next KEK; an older record is not believed. */
static void
test_another_pair_is_typed(void **state)
{
	struct coop_world c = world_of_one_pair();
	unsigned registrations = count_registrations(&c);
	struct secret old = {0};

	(void)state;
	assert_int_equal(c.lab->ops->read(c.lab, "gdoi/n134/signer", copy_value, &old, NULL), 0);
	c.w->next_rsa = rsa_key_generate(1024);
	type_label(&c, 0, "MISSING", true, true);
	assert_true(node_logged(c.ks[0], "COOP_SIGNER_KEPT: Rekeys of group GET_VPN are signed "
	                                 "with the key pair of before, and not with MISSING"));
	type_label(&c, 0, "NEXT_KEY", true, true);
	world_pass(c.w, SECONDS(30));
	for (size_t i = 0; i < 2; i++)
		assert_true(signs_with(c.ks[i], c.w->next_rsa));
	assert_keeps_its_kek(&c, registrations);
	write_signer(&c, secret_span(&old));
	world_pass(c.w, SECONDS(5));
	assert_true(node_logged(c.ks[0], "COOP_SIGNER_LOST"));
	for (size_t i = 0; i < 2; i++)
		assert_true(signs_with(c.ks[i], c.w->next_rsa));
	kill_node(c.ks[0]);
	kill_node(c.ks[1]);
	c.ks[1]->lacks_rsa = true;
	node_boot(c.ks[1]);
	world_pass(c.w, SECONDS(10));
	assert_ptr_equal(leader_of(&c), c.ks[1]);
	rekey_now(&c, c.ks[1]);
	assert_one_group(&c);
	assert_keeps_its_kek(&c, registrations);
	secret_fini(&old);
	rsa_key_free(c.w->next_rsa);
	coop_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_wiped_store_has_it_again),
	    cmocka_unit_test(test_a_lost_record_is_written_again),
	    cmocka_unit_test(test_a_pair_that_comes_later),
	    cmocka_unit_test(test_shared_is_taken_away),
	    cmocka_unit_test(test_another_pair_is_not_kept_at_once),
	    cmocka_unit_test(test_another_pair_is_typed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
