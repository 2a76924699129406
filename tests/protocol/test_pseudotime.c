/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The group's pseudotime (time-based anti-replay): handed out with the policy, the same for all
 * whatever their clocks say, and put right again after a clock has jumped or an answer was late.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"
#include "runtime/core/ks.h"
#include "tests/protocol/world.h"

#define HOUR SECONDS(3600)

static const struct policy_maker tbar = {.time_window = 5, .tek_lifetime = 7200};

static msec
pseudotime_of(const struct node_under_test *n)
{
	const struct dp_sa *s = node_sender(n);

	assert_non_null(s);
	assert_int_equal(s->time_window, 5);
	assert_int_equal(s->window, 0);
	return s->pseudo_offset + world_clock(n);
}

/* How far this member is behind (or, negative, before) the server. */
static msec
time_behind(const struct node_under_test *ks, const struct node_under_test *n)
{
	const struct ks *server = ks->core->kss[0];

	return (msec)ks_pseudotime(server, world_clock(ks)) - pseudotime_of(n);
}

static bool
close_enough(msec difference)
{
	return difference >= 0 && difference <= 3 * WORLD_LATENCY;
}

/* Clocks that never agreed; the group's time ticks from the first registration on. */
static void
test_same_for_all(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &tbar), *a, *b;

	(void)state;
	world_pass(w, SECONDS(500));
	a = world_member(w, &tbar, "10.1.23.3");
	world_pass(w, SECONDS(1));
	assert_true(pseudotime_of(a) <= SECONDS(1));
	world_pass(w, SECONDS(100));
	b = world_member(w, &tbar, "10.1.24.4");
	b->skew = 77 * HOUR;
	world_pass(w, SECONDS(30));
	assert_true(node_registered(a) && node_registered(b));
	assert_true(close_enough(time_behind(ks, a)) && close_enough(time_behind(ks, b)));
	world_pass(w, 30 * HOUR); /* keys come and go */
	assert_true(close_enough(time_behind(ks, a)) && close_enough(time_behind(ks, b)));
	world_free(w);
}

/*
 * One member's clock jumps by an hour: it is out of time, says so when it hears a packet, and is
 * right again.
 */
static void
test_clock_jump(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &tbar);
	struct node_under_test *a = world_member(w, &tbar, "10.1.23.3");

	(void)state;
	world_pass(w, SECONDS(10));
	assert_true(close_enough(time_behind(ks, a)));
	a->skew = HOUR;
	assert_true(time_behind(ks, a) < -HOUR + SECONDS(1));
	core_clear_isakmp(a->core, world_clock(a));
	world_drain(a);
	a->core->gms[0]->server = 0;
	world_pass(w, HOUR); /* its keys seem old: it registers */
	assert_true(close_enough(time_behind(ks, a)));
	assert_true(node_logged(a, "%GDOI-3-PSEUDO_TIME_LARGE: Pseudotime difference between KS "));
	world_free(w);
}

/* A server that starts again starts its time again; the keys from before keep theirs. */
static void
test_server_restart(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &tbar);
	struct node_under_test *a = world_member(w, &tbar, "10.1.23.3");
	unsigned both = 0;
	uint32_t spi;
	msec old, i;

	(void)state;
	world_pass(w, SECONDS(1000));
	old = node_sender(a)->pseudo_offset;
	spi = node_sender(a)->spi;
	node_boot(ks);
	core_clear_isakmp(a->core, w->now);
	world_drain(a);
	for (i = 0; i < 6700; i++) { /* it comes again before its keys end */
		world_pass(w, SECONDS(1));
		if (a->dp.n_sas < 2 || a->dp.sas[0].spi != spi)
			continue;
		assert_int_equal(a->dp.sas[0].pseudo_offset, old);
		assert_true(a->dp.sas[1].pseudo_offset < old - SECONDS(900));
		both++;
	}
	assert_true(both > 10);
	assert_true(close_enough(time_behind(ks, a)));
	world_free(w);
}

/* --- late answers ----------------------------------------------------------------------------- */

/* The answer with the pseudotime (message 2: by its size, the largest) is lost so many times. */
static unsigned
lose_answers(struct world *w, struct packet *p)
{
	unsigned *left = w->fault_arg;
	uint32_t server = addr_of("10.1.12.1");

	if (p->path.remote != server || p->bytes[18] != 32 || !*left)
		return 1;
	--*left;
	return 0;
}

/* Repeated bytes tell the time of when they were first written: the member asks again soon. */
static void
test_late_answer(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks, *a;
	unsigned lost = 2;

	(void)state;
	w->fault = lose_answers;
	w->fault_arg = &lost;
	ks = world_server(w, &tbar);
	a = world_member(w, &tbar, "10.1.23.3");
	world_pass(w, SECONDS(40));
	assert_int_equal(lost, 0);
	assert_true(node_registered(a));
	assert_true(close_enough(time_behind(ks, a)));
	assert_int_equal(a->core->gms[0]->doubts, 0);
	world_free(w);
}

/* The vendor ID comes encrypted: it is taken from what the server has understood. */
static unsigned
be_foreign(struct world *w, struct packet *p)
{
	struct ike_sa *sa;

	(void)p;
	for (sa = w->nodes[0].core->ike.all; sa; sa = sa->next)
		sa->testudo = false;
	return 1;
}

/* A member of another vendor is refused: it could not read a single packet. */
static void
test_foreign(void **state)
{
	static const struct policy_maker counter = {0};
	const struct policy_maker *makers[] = {&tbar, &counter};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(makers); i++) {
		struct world *w = world_new();
		struct node_under_test *ks, *a;

		w->fault = be_foreign;
		ks = world_server(w, makers[i]);
		a = world_member(w, makers[i], "10.1.23.3");
		world_pass(w, SECONDS(20));
		assert_int_equal(node_registered(a), makers[i] == &counter);
		assert_int_equal(node_logged(ks, "%GDOI-4-KS_TBAR_UNSUPPORTED: Group member "
		                                 "10.1.23.3 cannot join group GET_VPN"),
		                 makers[i] == &tbar);
		world_free(w);
	}
}

/* --- rekeys ----------------------------------------------------------------------------------- */

/* What a rekey that was written `ago` would do to the member's time. */
static msec
after_push(struct gm *gm, msec ago)
{
	struct gm_policy *fresh = gm_policy_new();
	msec offset;

	fresh->n_teks = 1;
	fresh->teks[0] = gm->policy->teks[0];
	fresh->teks[0].enc = fresh->teks[0].auth = (struct secret){0};
	fresh->teks[0].pseudo_offset -= ago;
	gm_pseudotime_sync(gm, fresh, true);
	offset = fresh->teks[0].pseudo_offset - gm->policy->teks[0].pseudo_offset;
	gm_policy_free(fresh);
	return offset;
}

static void
test_push(void **state)
{
	struct world *w = world_new();
	struct node_under_test *a;
	struct gm *gm;

	(void)state;
	(void)world_server(w, &tbar);
	a = world_member(w, &tbar, "10.1.23.3");
	world_pass(w, SECONDS(10));
	gm = a->core->gms[0];
	gm->core->now = world_clock(a);
	gm->policy->pseudo_synced = gm->core->now - HOUR;
	assert_int_equal(after_push(gm, -20), 20);           /* a fresher time is taken */
	assert_int_equal(after_push(gm, 100), -100);         /* as much as clocks may drift */
	assert_int_equal(after_push(gm, SECONDS(20)), -720); /* a repetition: no more than that */
	assert_int_equal(after_push(gm, HOUR), -HOUR);       /* our clock has jumped */
	assert_int_equal(after_push(gm, -HOUR), HOUR);
	assert_true(node_logged(a, "%GDOI-3-PSEUDO_TIME_LARGE"));
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_same_for_all),   cmocka_unit_test(test_clock_jump),
	    cmocka_unit_test(test_server_restart), cmocka_unit_test(test_late_answer),
	    cmocka_unit_test(test_foreign),        cmocka_unit_test(test_push),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
