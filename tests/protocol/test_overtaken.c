/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A rekey overtakes the answer of a registration: what the answer brings is older than what the
 * member has by then, and it must not go back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/core/gm.h"
#include "runtime/core/ks.h"
#include "tests/protocol/group.h"

#define HELD 800 /* milliseconds: shorter than the member waits before it asks again */

static const struct policy_maker usual = {.tek_lifetime = 600, .kek_lifetime = 2000};

/* Message 4, with the keys, takes long; it is the second one of the server. */
static unsigned
hold_keys(struct world *w, struct packet *p)
{
	unsigned *answers = w->fault_arg;

	if (p->n > 18 && p->bytes[18] == EXCHANGE_GROUPKEY_PULL &&
	    p->path.local == addr_of("10.1.23.3") && ++*answers == 2)
		w->delay = HELD;
	return 1;
}

static uint32_t
newest_spi(const struct group *g)
{
	const struct ks_sa *s = &g->ks->core->kss[0]->sas[0];

	return s->teks[s->n_teks - 1].keys[0].spi;
}

static const struct gm *
member_of(const struct node_under_test *n)
{
	return n->core->gms[0];
}

static bool
holds_key(const struct node_under_test *n, uint32_t spi)
{
	const struct gm_policy *p = member_of(n)->policy;

	for (size_t i = 0; p && i < p->n_teks; i++)
		if (p->teks[i].spi == spi)
			return true;
	return false;
}

/* Member a registers again; its keys are under way, and stay there for a while. */
static void
begin_registration(struct group *g, unsigned *answers)
{
	*answers = 0;
	g->w->fault = hold_keys;
	g->w->fault_arg = answers;
	gm_reregister_at(g->a->core->gms[0], g->w->now);
	for (int i = 0; i < 100 && *answers < 2; i++)
		world_pass(g->w, 1);
	assert_int_equal(*answers, 2);
}

static void
rfc6407_3_3_a_rekey_overtakes_a_registration(void **state)
{
	struct group g = group_new(&usual);
	uint32_t older = newest_spi(&g);
	unsigned answers;

	(void)state;
	begin_registration(&g, &answers);
	core_ks_rekey(g.ks->core, NULL, true, world_clock(g.ks));
	world_drain(g.ks);
	world_pass(g.w, HELD / 2);
	assert_true(holds_key(g.a, newest_spi(&g)) && !holds_key(g.a, older));
	world_pass(g.w, HELD);
	assert_true(node_logged(g.a, "older than a rekey"));
	assert_true(holds_key(g.a, newest_spi(&g)) && !holds_key(g.a, older));
	assert_true(node_hears(g.a, g.b) && node_hears(g.b, g.a));
	world_pass(g.w, SECONDS(10));
	assert_int_equal(member_of(g.a)->state, GM_REGISTERED);
	assert_int_equal(member_of(g.a)->successes, 2);
	assert_true(node_hears(g.a, g.b) && node_hears(g.b, g.a));
	world_free(g.w);
}

static void
test_a_removal_overtakes_a_registration(void **state)
{
	struct group g = group_new(&usual);
	uint32_t older = newest_spi(&g);
	unsigned answers;

	(void)state;
	begin_registration(&g, &answers);
	core_ks_clear_members(g.ks->core, NULL, true, world_clock(g.ks));
	world_drain(g.ks);
	world_pass(g.w, 2 * HELD);
	assert_true(node_logged(g.a, "older than a rekey"));
	assert_false(holds_key(g.a, older));
	world_pass(g.w, SECONDS(60));
	assert_true(holds_key(g.a, newest_spi(&g)) && holds_key(g.b, newest_spi(&g)));
	assert_true(node_hears(g.a, g.b) && node_hears(g.b, g.a));
	world_free(g.w);
}

/* A rekey before it, or one that the answer knows of, is no reason. */
static void
test_a_registration_after_a_rekey_counts(void **state)
{
	struct group g = group_new(&usual);

	(void)state;
	for (int i = 0; i < 6; i++) {
		core_ks_rekey(g.ks->core, NULL, i % 2, world_clock(g.ks));
		world_drain(g.ks);
		world_pass(g.w, SECONDS(30));
		gm_reregister_at(g.a->core->gms[0], g.w->now);
		world_pass(g.w, SECONDS(1));
		assert_int_equal(member_of(g.a)->successes, 2 + i);
		assert_int_equal(member_of(g.a)->attempts, 2 + i);
	}
	world_free(g.w);
}

/* A key that the server hands out no more is none that comes after those in force. */
static void
test_keys_that_are_not_offered_put_nothing_off(void **state)
{
	struct group g = group_new(&usual);
	struct core *c = g.a->core;
	struct gm_policy *p = gm_policy_new();

	(void)state;
	p->n_teks = 2;
	p->teks[0] = (struct gm_tek){.sa = 1,
	                             .spi = 1000,
	                             .offered = true,
	                             .lifetime = 600,
	                             .expires = c->now + SECONDS(300)};
	p->teks[1] = (struct gm_tek){
	    .sa = 1, .spi = 1001, .lifetime = 600, .expires = c->now + SECONDS(500)};
	p->kek =
	    (struct gm_kek){.present = true, .lifetime = 2000, .expires = c->now + SECONDS(2000)};
	assert_true(gm_policy_reregister(c, p, c->now) < p->teks[0].expires);
	gm_policy_free(p);
	world_free(g.w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc6407_3_3_a_rekey_overtakes_a_registration),
	    cmocka_unit_test(test_a_removal_overtakes_a_registration),
	    cmocka_unit_test(test_a_registration_after_a_rekey_counts),
	    cmocka_unit_test(test_keys_that_are_not_offered_put_nothing_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
