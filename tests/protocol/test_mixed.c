/* SPDX-License-Identifier: Apache-2.0 */
/* A key server between members of our kind and others: RFC 6407 4, 5.4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/protocol/mixed.h"

static const struct policy_maker multicast = {
    .tek_lifetime = 600, .kek_lifetime = 2000, .multicast = true};
static const struct policy_maker unicast = {.tek_lifetime = 600, .kek_lifetime = 2000};

static void
rekey_group(struct mixed *m)
{
	core_ks_rekey(m->ks->core, NULL, false, m->w->now);
	world_drain(m->ks);
	world_pass(m->w, SECONDS(40)); /* all its rounds: not everybody acknowledges */
}

static bool
all_hear(const struct mixed *m)
{
	return node_hears(m->ours, m->other) && node_hears(m->other, m->ours);
}

static uint32_t
rekeys_received(const struct mixed *m, const struct node_under_test *n)
{
	(void)m;
	return n->core->gms[0]->rekeys_received;
}

static void
denies_stay(const struct policy_maker *maker)
{
	struct mixed m;

	mixed_init(&m, maker);
	assert_int_equal(node_denies(m.ours), 1);
	assert_int_equal(node_denies(m.other), 0);
	for (int i = 0; i < 3; i++) {
		rekey_group(&m);
		assert_int_equal(node_denies(m.ours), 1);
		assert_int_equal(node_denies(m.other), 0);
		assert_true(all_hear(&m));
		assert_int_equal(rekeys_received(&m, m.ours), i + 1);
		assert_int_equal(rekeys_received(&m, m.other), i + 1);
	}
	world_pass(m.w, SECONDS(2 * 3600)); /* and when keys roll by themselves */
	assert_int_equal(node_denies(m.ours), 1);
	assert_true(all_hear(&m));
	world_free(m.w);
}

static void
test_rfc6407_4_denies_stay_in_a_mixed_multicast_group(void **state)
{
	(void)state;
	denies_stay(&multicast);
}

static void
test_rfc6407_4_denies_stay_in_a_mixed_unicast_group(void **state)
{
	(void)state;
	denies_stay(&unicast);
}

/* --- a change of policy ----------------------------------------------------------------------- */

/* Changes the server's list: so many denies (0 or 2) in front of the permit. */
static void
change_denies(struct mixed *m, const struct policy_maker *maker, size_t denies)
{
	struct policy *p = policy_server(maker, addr_of("10.1.12.1"));
	struct policy_sa *sa = (struct policy_sa *)(uintptr_t)p->groups[0].server.sas;
	struct selector *s = arena_alloc(p->arena, 3 * sizeof(*s));

	s[0] = sa->selectors[0];
	s[1] = s[0];
	s[1].dst = addr_of("192.168.9.0");
	s[1].dst_mask = 0xffffff00;
	s[denies] = sa->selectors[1];
	sa->selectors = s;
	sa->n_selectors = denies + 1;
	node_set(m->ks, p);
	world_pass(m->w, SECONDS(10));
}

static void
changes_are_learnt(const struct policy_maker *maker)
{
	struct mixed m;

	mixed_init(&m, maker);
	change_denies(&m, maker, 2);
	assert_int_equal(node_denies(m.ours), 2);
	assert_int_equal(node_denies(m.other), 0);
	assert_true(all_hear(&m));
	change_denies(&m, maker,
	              0); /* what was denied is now permitted: it must not leave in clear */
	assert_int_equal(node_denies(m.ours), 0);
	assert_int_equal(m.ours->dp.n_entries, 1);
	assert_true(all_hear(&m));
	assert_int_equal(m.ours->core->gms[0]->successes, 1); /* nobody had to register again */
	assert_int_equal(m.other->core->gms[0]->successes, 1);
	world_free(m.w);
}

static void
test_rfc6407_4_a_mixed_multicast_group_learns_a_changed_policy(void **state)
{
	(void)state;
	changes_are_learnt(&multicast);
}

static void
test_rfc6407_4_a_mixed_unicast_group_learns_a_changed_policy(void **state)
{
	(void)state;
	changes_are_learnt(&unicast);
}

/* --- whose rekey is whose --------------------------------------------------------------------- */

static struct packet kept[2];
static size_t n_kept;

static unsigned
keep_pushes(struct world *w, struct packet *p)
{
	mixed_fault(w, p);
	if (p->n < 28 || p->bytes[18] != 33)
		return 1;
	if (n_kept < ARRAY_SIZE(kept)) {
		kept[n_kept] = *p;
		kept[n_kept++].bytes = x_memdup(p->bytes, p->n);
	}
	return 0;
}

/*
 * RFC 6407 4.4: a member matches the cookies to a Rekey SA. Whoever can delay and redirect a
 * datagram cannot make a member of ours take what was meant for the others, which has no denies.
 */
static void
test_rfc6407_4_4_a_rekey_for_others_is_none_for_ours(void **state)
{
	struct mixed m;

	(void)state;
	mixed_init(&m, &unicast);
	n_kept = 0;
	m.w->fault = keep_pushes;
	rekey_group(&m);
	assert_int_equal(n_kept, 2);
	for (size_t i = 0; i < 2; i++) {
		bool for_ours = kept[i].path.local == m.ours->addr;
		struct node_under_test *right = for_ours ? m.ours : m.other;
		struct node_under_test *wrong = for_ours ? m.other : m.ours;
		struct path path = kept[i].path;

		path.local = wrong->addr;
		assert_int_equal(
		    core_input(wrong->core, &path, SPAN(kept[i].bytes, kept[i].n), m.w->now),
		    DROP_COOKIE);
		world_drain(wrong);
		assert_int_equal(core_input(right->core, &kept[i].path,
		                            SPAN(kept[i].bytes, kept[i].n), m.w->now),
		                 DROP_NONE);
		world_drain(right);
		free(kept[i].bytes);
	}
	assert_int_equal(node_denies(m.ours), 1);
	assert_true(all_hear(&m));
	world_free(m.w);
}

/* --- what others cannot read ------------------------------------------------------------------ */

/*
 * Packets shall carry a time from now on: members of another make are told that they are members no
 * more (RFC 6407 5.9), and sent nothing they would have to abort at (5.5.1).
 */
static void
test_rfc6407_5_9_others_leave_a_group_with_times(void **state)
{
	struct policy_maker timed = unicast;
	struct mixed m;

	(void)state;
	timed.suite = (struct esp_suite){CIPHER_AES_128, HASH_SHA1};
	mixed_init(&m, &timed);
	timed.time_window = 5;
	node_set(m.ks, policy_server(&timed, addr_of("10.1.12.1")));
	world_pass(m.w, SECONDS(60));
	assert_int_equal(m.other->dp.n_sas, 0);
	assert_true(m.other->dp.n_entries > 0);
	assert_true(node_logged(m.ks, "%GDOI-4-KS_TBAR_UNSUPPORTED: Group member 10.1.24.4"));
	assert_int_equal(m.ours->core->gms[0]->successes, 1);
	assert_non_null(node_sender(m.ours));
	world_free(m.w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rfc6407_4_denies_stay_in_a_mixed_multicast_group),
	    cmocka_unit_test(test_rfc6407_4_denies_stay_in_a_mixed_unicast_group),
	    cmocka_unit_test(test_rfc6407_4_a_mixed_multicast_group_learns_a_changed_policy),
	    cmocka_unit_test(test_rfc6407_4_a_mixed_unicast_group_learns_a_changed_policy),
	    cmocka_unit_test(test_rfc6407_4_4_a_rekey_for_others_is_none_for_ours),
	    cmocka_unit_test(test_rfc6407_5_9_others_leave_a_group_with_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
