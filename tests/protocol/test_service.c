/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key server whose configuration is typed, mistyped and mended while its members go on: what it
 * forgets it tells them first (RFC 6407 3.5, 5.9), and what it can keep it keeps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"
#include "runtime/core/ks.h"
#include "tests/protocol/group.h"

static const struct policy_maker usual = {.tek_lifetime = 600, .kek_lifetime = 2000};

static bool
all_hear(const struct group *g)
{
	return node_hears(g->a, g->b) && node_hears(g->b, g->a);
}

static uint32_t
count_registrations(const struct group *g)
{
	return g->a->core->gms[0]->successes + g->b->core->gms[0]->successes;
}

static bool
is_closed(const struct node_under_test *n)
{
	return !n->dp.n_sas && n->dp.n_entries > 0;
}

/* The server's policy, to be changed before it is applied. */
static struct policy_group *
server_policy(const struct policy_maker *m, struct policy **ret)
{
	*ret = policy_server(m, addr_of("10.1.12.1"));
	return (struct policy_group *)(uintptr_t)(*ret)->groups;
}

static struct policy_sa *
first_sa(struct policy_group *g)
{
	return (struct policy_sa *)(uintptr_t)g->server.sas;
}

static void
usual_again(struct group *g)
{
	node_set(g->ks, policy_server(&usual, addr_of("10.1.12.1")));
}

/* --- the address ------------------------------------------------------------------------------ */

static void
test_an_address_that_comes_back_finds_keys_and_members(void **state)
{
	struct group g = group_new(&usual);
	uint32_t spi = node_sender(g.a)->spi;
	struct policy *p;

	(void)state;
	server_policy(&usual, &p)->server.addr = 0;
	node_set(g.ks, p);
	world_pass(g.w, SECONDS(20));
	assert_true(node_logged(g.ks, "%GDOI-4-KS_OUT_OF_SERVICE: Key server of group GET_VPN has "
	                              "lost its address: it keeps its keys and its 2 group "
	                              "members"));
	usual_again(&g);
	assert_true(node_logged(g.ks, "%GDOI-5-KS_IN_SERVICE"));
	assert_int_equal(node_members(g.ks), 2);
	world_pass(g.w, SECONDS(60));
	assert_int_equal(node_sender(g.a)->spi, spi);
	for (int i = 0; i < 3600; i++) {
		world_pass(g.w, SECONDS(1));
		assert_true(all_hear(&g));
	}
	assert_int_equal(count_registrations(&g), 2);
	world_free(g.w);
}

/*
 * The server has no address when the keys roll: members hear of the next key as soon as it is back.
 */
static void
test_a_rekey_that_was_due_is_sent_when_the_address_is_back(void **state)
{
	struct group g = group_new(&usual);
	struct policy *p;

	(void)state;
	world_pass(g.w, SECONDS(400));
	server_policy(&usual, &p)->server.addr = 0;
	node_set(g.ks, p);
	world_pass(g.w, SECONDS(110)); /* 475: a successor is due; 540: members come again */
	usual_again(&g);
	world_pass(g.w, SECONDS(10));
	assert_int_equal(g.a->core->gms[0]->rekeys_received, 1);
	assert_int_equal(g.b->core->gms[0]->rekeys_received, 1);
	world_pass(g.w, SECONDS(400));
	assert_true(all_hear(&g));
	assert_int_equal(count_registrations(&g), 2);
	world_free(g.w);
}

static void
test_a_server_away_for_hours_is_found_again(void **state)
{
	struct group g = group_new(&usual);
	struct policy *p;

	(void)state;
	server_policy(&usual, &p)->server.addr = 0;
	node_set(g.ks, p);
	world_pass(g.w, SECONDS(2 * 3600));
	assert_true(is_closed(g.a) && is_closed(g.b));
	usual_again(&g);
	world_pass(g.w, SECONDS(120));
	assert_true(all_hear(&g));
	world_pass(g.w, SECONDS(3600));
	assert_true(all_hear(&g));
	world_free(g.w);
}

/* Who types a command hears what became of it. */
static void
test_a_command_says_whom_it_reaches(void **state)
{
	struct group g = group_new(&usual);
	struct rsa_key *rsa = g.w->rsa;
	struct policy *p;

	(void)state;
	assert_int_equal(core_ks_rekey(g.ks->core, "NONE", false, g.w->now), REACH_NO_SERVER);
	assert_int_equal(core_ks_rekey(g.ks->core, NULL, false, g.w->now), REACH_ALL);
	world_drain(g.ks);
	world_pass(g.w, SECONDS(5));
	assert_false(node_logged(g.ks, "KS_GM_UNTOLD"));
	server_policy(&usual, &p)->server.addr = 0;
	node_set(g.ks, p);
	assert_int_equal(core_ks_rekey(g.ks->core, NULL, false, g.w->now), REACH_NOTHING);
	assert_int_equal(core_ks_clear_members(g.ks->core, NULL, true, g.w->now), REACH_NOTHING);
	usual_again(&g);
	g.w->rsa = NULL; /* no more rekeys: members are told that, and hold no KEK then */
	usual_again(&g);
	world_pass(g.w, SECONDS(60));
	g.w->rsa = rsa;
	usual_again(&g);
	assert_int_equal(core_ks_clear_members(g.ks->core, NULL, true, g.w->now), REACH_PART);
	assert_true(node_logged(g.ks, "%GDOI-4-KS_GM_UNTOLD: 2 of 2 group members"));
	world_free(g.w);
}

/* --- what is forgotten ------------------------------------------------------------------------ */

static void
check_forgotten(struct group *g, const char *why)
{
	world_pass(g->w, 500);
	assert_true(node_logged(g->ks, why));
	assert_true(is_closed(g->a) && is_closed(g->b));
	assert_int_equal(node_members(g->ks), 0);
}

static void
come_back(struct group *g, uint32_t old_spi)
{
	usual_again(g);
	world_pass(g->w, SECONDS(100));
	assert_true(node_registered(g->a) && node_registered(g->b));
	assert_true(all_hear(g));
	assert_int_not_equal(node_sender(g->a)->spi, old_spi);
	assert_int_equal(node_members(g->ks), 2);
	world_free(g->w);
}

static void
test_rfc6407_5_9_another_identity_deletes_the_keys(void **state)
{
	struct group g = group_new(&usual);
	uint32_t spi = node_sender(g.a)->spi;
	struct policy *p;

	(void)state;
	server_policy(&usual, &p)->id.type =
	    GROUP_ID_NONE; /* as it is typed: nothing happens yet */
	node_set(g.ks, p);
	world_pass(g.w, SECONDS(5));
	assert_true(all_hear(&g));
	server_policy(&usual, &p)->id.value = 13;
	node_set(g.ks, p);
	check_forgotten(
	    &g, "%GDOI-4-KS_KEYS_DELETED: Keys of group GET_VPN are deleted: its identity is "
		"another. Its 2 group members are told to register again");
	come_back(&g, spi);
}

static void
test_rfc6407_5_9_no_server_local_deletes_the_keys(void **state)
{
	struct group g = group_new(&usual);
	uint32_t spi = node_sender(g.a)->spi;
	struct policy *p;

	(void)state;
	server_policy(&usual, &p)->local = false;
	node_set(g.ks, p);
	world_pass(g.w, 500);
	assert_true(node_logged(g.ks, "%GDOI-4-KS_KEYS_DELETED: Keys of group GET_VPN are deleted: "
	                              "this node is its key server no more. Its 2 group members "
	                              "are told to register again"));
	assert_true(is_closed(g.a) && is_closed(g.b));
	come_back(&g, spi);
}

/* The farewell is sent again, since nobody acknowledges it. */
static unsigned
lose_first_push(struct world *w, struct packet *p)
{
	bool first = w->now < *(msec *)w->fault_arg;

	return !(first && p->n > 28 && p->bytes[18] == 33);
}

static void
test_a_lost_farewell_is_repeated(void **state)
{
	struct group g = group_new(&usual);
	uint32_t spi = node_sender(g.a)->spi;
	msec until = g.w->now + SECONDS(5);
	struct policy *p;

	(void)state;
	g.w->fault = lose_first_push;
	g.w->fault_arg = &until;
	server_policy(&usual, &p)->n_servers = 0;
	((struct policy_group *)(uintptr_t)p->groups)->local = false;
	node_set(g.ks, p);
	world_pass(g.w, SECONDS(9));
	assert_true(all_hear(&g));
	world_pass(g.w, SECONDS(2));
	assert_true(is_closed(g.a) && is_closed(g.b));
	come_back(&g, spi);
}

/* --- sa ipsec --------------------------------------------------------------------------------- */

static void
test_no_sa_ipsec_and_back(void **state)
{
	struct group g = group_new(&usual);
	uint32_t spi = node_sender(g.a)->spi;
	struct policy *p;

	(void)state;
	server_policy(&usual, &p)->server.n_sas = 0;
	node_set(g.ks, p);
	world_pass(g.w, SECONDS(3));
	assert_true(node_logged(g.ks, "%GDOI-4-KS_SA_REMOVED: sa ipsec 1 of group GET_VPN is "
	                              "removed: group members are told to delete its keys"));
	assert_true(is_closed(g.a) && is_closed(g.b));
	world_pass(g.w, SECONDS(120)); /* an empty policy is not handed out */
	assert_true(is_closed(g.a) && is_closed(g.b));
	come_back(&g, spi);
}

/* Two SAs; the second protects 172.16. */
static struct policy *
two_sas(void)
{
	struct policy *p;
	struct policy_group *g = server_policy(&usual, &p);
	struct policy_sa *sas = arena_alloc(p->arena, 2 * sizeof(*sas));
	struct selector *s = arena_alloc(p->arena, sizeof(*s));

	sas[0] = sas[1] = *first_sa(g);
	*s = sas[0].selectors[1];
	s->src = s->dst = addr_of("172.16.0.0");
	sas[1].number = 2;
	sas[1].selectors = s;
	sas[1].n_selectors = 1;
	g->server.sas = sas;
	g->server.n_sas = 2;
	return p;
}

static void
test_rfc6407_5_9_one_of_two_sas_removed(void **state)
{
	struct group g = group_new(&usual);
	struct ks *ks = g.ks->core->kss[0];
	uint32_t gone;

	(void)state;
	node_set(g.ks, two_sas());
	world_pass(g.w, SECONDS(5));
	assert_int_equal(g.a->dp.n_entries, 3);
	gone = ks->sas[1].teks[0].keys[0].spi;
	usual_again(&g);
	world_pass(g.w, SECONDS(5));
	assert_int_equal(g.a->dp.n_entries, 2);
	for (size_t i = 0; i < g.a->dp.n_sas; i++)
		assert_int_not_equal(g.a->dp.sas[i].spi, gone);
	assert_true(all_hear(&g));
	assert_int_equal(count_registrations(&g), 2);
	world_free(g.w);
}

/* A profile, a list or `match address` taken away: nobody is told of a policy without it. */
static void
test_an_incomplete_sa_is_no_policy(void **state)
{
	struct group g = group_new(&usual);
	struct node_under_test *late;
	struct policy *p;

	(void)state;
	node_set(g.ks, two_sas());
	world_pass(g.w, SECONDS(5));
	p = two_sas();
	first_sa((struct policy_group *)(uintptr_t)p->groups)->n_selectors = 0;
	node_set(g.ks, p);
	assert_true(node_logged(g.ks, "%GDOI-4-KS_SA_INCOMPLETE: sa ipsec 1 of group GET_VPN"));
	late = world_member(g.w, &usual, "10.1.25.5");
	core_ks_rekey(g.ks->core, NULL, false, g.w->now);
	world_drain(g.ks);
	world_pass(g.w, SECONDS(30));
	assert_int_equal(g.a->dp.n_entries, 3);
	assert_true(all_hear(&g));
	assert_false(node_registered(late));
	assert_true(
	    node_logged(g.ks, "%GDOI-4-KS_NOT_COMPLETE: Group member 10.1.25.5 cannot join"));
	world_pass(g.w, SECONDS(3600)); /* its keys end, the door stays closed */
	assert_int_equal(g.a->dp.n_entries, 3);
	node_set(g.ks, two_sas());
	world_pass(g.w, SECONDS(100));
	assert_int_equal(g.a->dp.n_entries, 3);
	assert_true(all_hear(&g) && node_hears(g.a, late));
	world_free(g.w);
}

/*
 * A server that starts with such a configuration cannot know what it was before: the members keep
 * what they have until it is complete.
 */
static void
test_an_incomplete_sa_at_the_start_is_no_policy(void **state)
{
	struct group g = {.w = world_new()};
	struct policy *p = two_sas();

	(void)state;
	first_sa((struct policy_group *)(uintptr_t)p->groups)->n_selectors = 0;
	g.ks = world_node(g.w, "10.1.12.1", p);
	g.a = world_member(g.w, &usual, "10.1.23.3");
	g.b = world_member(g.w, &usual, "10.1.24.4");
	world_pass(g.w, SECONDS(60));
	assert_true(node_logged(g.ks, "%GDOI-4-KS_SA_INCOMPLETE: sa ipsec 1 of group GET_VPN"));
	assert_false(node_registered(g.a) || node_registered(g.b));
	node_set(g.ks, two_sas());
	world_pass(g.w, SECONDS(100));
	assert_int_equal(g.a->dp.n_entries, 3);
	assert_true(all_hear(&g));
	world_free(g.w);
}

/*
 * `crypto engine legacy disable`, and then a transform set that it allows: the keys of before are
 * not handed out any more, so that a member which refuses them registers.
 */
static struct policy *
strong_policy(bool complete)
{
	struct policy_maker strong = usual;
	struct policy *p;
	struct policy_group *g;

	strong.suite = (struct esp_suite){CIPHER_AES_256, HASH_SHA256};
	g = server_policy(&strong, &p);
	p->no_legacy = true;
	if (!complete)
		first_sa(g)->n_selectors = 0;
	return p;
}

static bool
has_legacy_key(const struct node_under_test *n)
{
	for (size_t i = 0; i < n->dp.n_sas; i++)
		if (cipher_is_legacy(n->dp.sas[i].suite.cipher))
			return true;
	return false;
}

static void
test_keys_that_legacy_disable_refuses(void **state)
{
	struct policy_maker strict = usual;
	struct group g = group_new(&usual);
	struct node_under_test *late;
	struct policy *p;

	(void)state;
	assert_true(has_legacy_key(g.a));
	server_policy(&usual, &p);
	p->no_legacy = true; /* the compiler lets the SA go on */
	node_set(g.ks, p);
	world_pass(g.w, SECONDS(20));
	assert_true(all_hear(&g) && has_legacy_key(g.a));
	assert_false(node_logged(g.ks, "KS_LEGACY_REMOVED"));
	node_set(g.ks, strong_policy(false)); /* nothing in their place yet */
	world_pass(g.w, SECONDS(20));
	assert_true(all_hear(&g) && has_legacy_key(g.a));
	node_set(g.ks, strong_policy(true));
	assert_true(node_logged(g.ks, "%GDOI-4-KS_LEGACY_REMOVED: Keys of sa ipsec 1 of group "
	                              "GET_VPN that crypto engine legacy does not allow are "
	                              "removed: group members are told to delete its keys"));
	strict.no_legacy = true;
	late = world_member(g.w, &strict, "10.1.25.5");
	world_pass(g.w, SECONDS(10));
	assert_true(node_registered(late));
	assert_false(has_legacy_key(g.a) || has_legacy_key(g.b));
	assert_true(all_hear(&g) && node_hears(g.a, late) && node_hears(late, g.b));
	assert_int_equal(count_registrations(&g), 2);
	world_free(g.w);
}

/* The transform set is strong already when the line comes, but an old key is still alive. */
static void
test_an_old_key_when_legacy_is_disabled(void **state)
{
	struct group g = group_new(&usual);
	struct policy *p = strong_policy(true);

	(void)state;
	p->no_legacy = false;
	node_set(g.ks, p);
	world_pass(g.w, SECONDS(10));
	assert_true(has_legacy_key(g.a));
	node_set(g.ks, strong_policy(true));
	world_pass(g.w, SECONDS(10));
	assert_false(has_legacy_key(g.a) || has_legacy_key(g.b));
	assert_true(all_hear(&g));
	world_free(g.w);
}

/* --- rekeys ----------------------------------------------------------------------------------- */

/* `crypto key generate rsa` again: the old key tells of the KEK that comes with the new one. */
static void
test_another_rsa_key_is_told_under_the_old_one(void **state)
{
	struct group g = group_new(&usual);
	struct rsa_key *old = g.w->rsa, *fresh = rsa_key_generate(1024);

	(void)state;
	g.w->rsa = fresh;
	usual_again(&g);
	world_pass(g.w, SECONDS(5));
	assert_int_equal(g.a->core->gms[0]->rekeys_received, 1);
	core_ks_rekey(g.ks->core, NULL, false, g.w->now);
	world_drain(g.ks);
	world_pass(g.w, SECONDS(5));
	assert_int_equal(g.a->core->gms[0]->rekeys_received, 2);
	assert_int_equal(g.b->core->gms[0]->rekeys_received, 2);
	assert_int_equal(count_registrations(&g), 2);
	g.w->rsa = old;
	rsa_key_free(fresh);
	world_free(g.w);
}

/* Rekeys, or the key that signs them, are taken away: members hear of that, and go on without. */
static void
rekeys_end(struct group *g)
{
	world_pass(g->w, SECONDS(60));
	assert_true(all_hear(g));
	assert_false(g->a->core->gms[0]->policy->kek.present);
	for (int i = 0; i < 3600; i++) {
		world_pass(g->w, SECONDS(1));
		assert_true(all_hear(g));
	}
}

static void
test_rfc6407_5_9_no_rekey_deletes_the_kek(void **state)
{
	struct policy_maker without = usual;
	struct group g = group_new(&usual);

	(void)state;
	without.no_rekey = true;
	node_set(g.ks, policy_server(&without, addr_of("10.1.12.1")));
	rekeys_end(&g);
	world_free(g.w);
}

static void
test_rfc6407_5_9_a_zeroized_key_deletes_the_kek(void **state)
{
	struct group g = group_new(&usual);

	(void)state;
	g.w->rsa = NULL;
	usual_again(&g);
	rekeys_end(&g);
	world_free(g.w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_an_address_that_comes_back_finds_keys_and_members),
	    cmocka_unit_test(test_a_command_says_whom_it_reaches),
	    cmocka_unit_test(test_a_rekey_that_was_due_is_sent_when_the_address_is_back),
	    cmocka_unit_test(test_a_server_away_for_hours_is_found_again),
	    cmocka_unit_test(test_rfc6407_5_9_another_identity_deletes_the_keys),
	    cmocka_unit_test(test_rfc6407_5_9_no_server_local_deletes_the_keys),
	    cmocka_unit_test(test_a_lost_farewell_is_repeated),
	    cmocka_unit_test(test_no_sa_ipsec_and_back),
	    cmocka_unit_test(test_rfc6407_5_9_one_of_two_sas_removed),
	    cmocka_unit_test(test_an_incomplete_sa_is_no_policy),
	    cmocka_unit_test(test_an_incomplete_sa_at_the_start_is_no_policy),
	    cmocka_unit_test(test_keys_that_legacy_disable_refuses),
	    cmocka_unit_test(test_an_old_key_when_legacy_is_disabled),
	    cmocka_unit_test(test_another_rsa_key_is_told_under_the_old_one),
	    cmocka_unit_test(test_rfc6407_5_9_no_rekey_deletes_the_kek),
	    cmocka_unit_test(test_rfc6407_5_9_a_zeroized_key_deletes_the_kek),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
