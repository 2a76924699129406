/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A member that may have missed a rekey asks its key server (runtime/core/gm_recover.c), and nobody
 * can make it ask more than once in an interval.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"
#include "runtime/core/ks.h"
#include "runtime/wire/isakmp.h"
#include "tests/protocol/group.h"

static const struct policy_maker usual = {.tek_lifetime = 3600, .recovery_check = 300};

/* Pushes to the second member do not arrive while *deaf. */
static unsigned
deafen_second(struct world *w, struct packet *p)
{
	const bool *deaf = w->fault_arg;

	return p->n <= 18 || p->bytes[18] != EXCHANGE_GROUPKEY_PUSH ||
	       p->path.local != addr_of("10.1.24.4") || !*deaf;
}

static struct gm *
member_of(const struct node_under_test *n)
{
	return n->core->gms[0];
}

/* What the dataplane says of a packet that it does not understand. */
static void
hear_unknown(struct node_under_test *n, uint32_t spi)
{
	core_unknown_spi(n->core, "GET_VPN", spi, world_clock(n));
	world_drain(n);
}

/* The dataplane of each member is told of what the other sends, for so long, every second. */
static void
let_talk(struct group *g, msec time)
{
	for (msec t = 0; t < time; t += SECONDS(1)) {
		world_pass(g->w, SECONDS(1));
		if (!node_hears(g->a, g->b))
			hear_unknown(g->b, node_sender(g->a)->spi);
		if (!node_hears(g->b, g->a))
			hear_unknown(g->a, node_sender(g->b)->spi);
	}
}

static bool
all_hear(const struct group *g)
{
	return node_hears(g->a, g->b) && node_hears(g->b, g->a);
}

/* `replace-now`: the first member sends with the new key at once. */
static void
rekey_at_once(struct group *g)
{
	assert_true(core_ks_rekey(g->ks->core, NULL, true, g->w->now));
	world_drain(g->ks);
}

static void
test_a_missed_rekey_is_asked_for(void **state)
{
	struct group g = group_new(&usual);
	bool deaf = true;

	(void)state;
	g.w->fault = deafen_second;
	g.w->fault_arg = &deaf;
	rekey_at_once(&g);
	world_pass(g.w, SECONDS(1));
	assert_false(all_hear(&g));
	let_talk(&g, SECONDS(35));
	assert_true(all_hear(&g));
	assert_int_equal(member_of(g.b)->successes, 2);
	assert_int_equal(member_of(g.a)->successes, 1);
	assert_true(node_logged(g.b, "%GDOI-4-GM_RECOVERY_REGISTER: Group GET_VPN: somebody sends "
	                             "under SPI 0x"));
	/* and it goes on as before */
	deaf = false;
	rekey_at_once(&g);
	world_pass(g.w, SECONDS(10));
	assert_true(all_hear(&g));
	assert_int_equal(member_of(g.b)->successes, 2);
	world_free(g.w);
}

/* `no client recovery-check` */
static void
test_not_when_it_is_off(void **state)
{
	struct policy_maker m = usual;
	struct group g;
	bool deaf = true;

	(void)state;
	m.recovery_check = 0;
	g = group_new(&m);
	g.w->fault = deafen_second;
	g.w->fault_arg = &deaf;
	rekey_at_once(&g);
	let_talk(&g, SECONDS(1000));
	assert_false(all_hear(&g));
	assert_int_equal(member_of(g.b)->successes, 1);
	world_free(g.w);
}

/* Another SPI every second: at most a registration in 300 seconds, and the keys stay. */
static void
test_garbage_makes_one_registration_in_an_interval(void **state)
{
	struct group g = group_new(&usual);
	unsigned before = g.w->sent;
	uint32_t spi = node_sender(g.b)->spi;
	struct arena *arena = arena_new();
	const struct snap_group *s;
	size_t n;

	(void)state;
	for (uint32_t t = 0; t < 3000; t++) {
		world_pass(g.w, SECONDS(1));
		hear_unknown(g.b, 0x10000 + t);
		assert_true(all_hear(&g));
	}
	assert_int_equal(node_sender(g.b)->spi, spi);
	assert_in_range(member_of(g.b)->attempts, 2, 1 + 10);
	assert_in_range(g.w->sent - before, 1, 10 * 4);
	s = core_snap_groups(g.b->core, g.w->now, arena, &n);
	assert_int_equal(s->recovery_check, 300);
	assert_int_equal(s->recoveries, member_of(g.b)->attempts - 1);
	assert_true(s->recoveries_postponed > 1000);
	arena_free(arena);
	world_free(g.w);
}

/* An SPI that is never heard again, every few seconds for so long. */
static uint32_t
hear_garbage(struct group *g, msec time)
{
	uint32_t before = member_of(g->b)->recovery.executed;
	static uint32_t spi = 0x10000;

	for (msec t = 0; t < time; t += SECONDS(10)) {
		world_pass(g->w, SECONDS(10));
		hear_unknown(g->b, spi++);
	}
	return member_of(g->b)->recovery.executed - before;
}

/* 0 s, 5 min, 15 min, 35 min, 75 min; then once an hour, for ever. */
static void
test_garbage_doubles_the_interval(void **state)
{
	struct policy_maker m = usual;
	struct group g;

	(void)state;
	m.tek_lifetime = 86400;
	g = group_new(&m);
	assert_in_range(hear_garbage(&g, SECONDS(3600)), 2, 3);
	assert_in_range(hear_garbage(&g, SECONDS(3600)), 1, 2);
	assert_in_range(hear_garbage(&g, SECONDS(36000)), 8, 10);
	/* What it sees itself waits for the plain interval only. */
	while (!hear_garbage(&g, SECONDS(10)))
		;
	world_pass(g.w, SECONDS(1)); /* it may be on the way yet */
	core_line_up(g.b->core, "FastEthernet0/0", world_clock(g.b));
	assert_in_range(member_of(g.b)->recovery.timer.at - world_clock(g.b), SECONDS(250),
	                SECONDS(330));
	world_pass(g.w, SECONDS(340));
	/* A rekey proves that the server is heard: it may ask as before. */
	rekey_at_once(&g);
	world_pass(g.w, SECONDS(330));
	assert_true(all_hear(&g));
	assert_int_equal(hear_garbage(&g, SECONDS(50)), 1);
	world_free(g.w);
}

/* Somebody had sent garbage; what is asked with good reason afterwards goes on as ever. */
static void
test_an_answer_that_helps_ends_the_doubling(void **state)
{
	struct policy_maker m = usual;
	struct group g;
	bool deaf = true;

	(void)state;
	m.tek_lifetime = 86400;
	g = group_new(&m);
	g.w->fault = deafen_second;
	g.w->fault_arg = &deaf;
	hear_garbage(&g, SECONDS(3600));
	assert_true(member_of(g.b)->recovery.vain >= 2);
	rekey_at_once(&g);
	let_talk(&g, SECONDS(3700));
	assert_true(all_hear(&g));
	assert_int_equal(member_of(g.b)->rekeys_received, 0);
	assert_int_equal(member_of(g.b)->recovery.vain, 0);
	world_free(g.w);
}

/* Nobody asks because of a member that is late itself, or of somebody who goes on and on. */
static void
test_what_was_known_is_no_reason(void **state)
{
	struct group g = group_new(&usual);
	uint32_t old = node_sender(g.b)->spi;

	(void)state;
	rekey_at_once(&g);
	world_pass(g.w, SECONDS(10));
	assert_true(all_hear(&g));
	for (unsigned t = 0; t < 1000; t++) {
		world_pass(g.w, SECONDS(1));
		hear_unknown(g.a, old);
	}
	assert_int_equal(member_of(g.a)->attempts, 1);
	/* The server does not know this one either: once is enough. */
	for (unsigned t = 0; t < 1000; t++) {
		world_pass(g.w, SECONDS(1));
		hear_unknown(g.a, 0x4711);
	}
	assert_int_equal(member_of(g.a)->attempts, 2);
	assert_int_equal(member_of(g.a)->recovery.executed, 1);
	world_free(g.w);
}

/* A rekey that comes while it waits: it need not ask any more. */
static void
test_a_rekey_comes_first(void **state)
{
	struct group g = group_new(&usual);
	bool deaf = true;

	(void)state;
	g.w->fault = deafen_second;
	g.w->fault_arg = &deaf;
	rekey_at_once(&g);
	world_pass(g.w, SECONDS(9)); /* the first copy is lost, the second will come at 10 s */
	hear_unknown(g.b, node_sender(g.a)->spi);
	timer_set(&g.b->core->timers, &member_of(g.b)->recovery.timer, g.w->now + SECONDS(9));
	deaf = false;
	world_pass(g.w, SECONDS(20));
	assert_true(all_hear(&g));
	assert_int_equal(member_of(g.b)->attempts, 1);
	assert_int_equal(member_of(g.b)->recovery.executed, 0);
	world_free(g.w);
}

/* The server does not answer: the member keeps its keys, and comes back when the server does. */
static void
test_the_server_is_away(void **state)
{
	struct group g = group_new(&usual);
	struct core *away = g.ks->core;

	(void)state;
	g.ks->core = NULL;
	hear_unknown(g.b, 0x4711);
	world_pass(g.w, SECONDS(300));
	assert_true(all_hear(&g));
	assert_int_equal(member_of(g.b)->successes, 1);
	g.ks->core = away;
	world_pass(g.w, SECONDS(120));
	assert_int_equal(member_of(g.b)->successes, 2);
	assert_true(all_hear(&g));
	world_free(g.w);
}

/* Not all members ask in one moment. */
static void
test_they_do_not_ask_all_at_once(void **state)
{
	struct world *w = world_new();
	struct node_under_test *gms[10];
	msec first = MSEC_NEVER, last = 0;

	(void)state;
	world_server(w, &usual);
	for (unsigned i = 0; i < 10; i++) {
		char addr[ADDR_TEXT_MAX];

		gms[i] = world_member(w, &usual, addr_text(addr_of("10.1.30.1") + i, addr));
	}
	world_pass(w, SECONDS(3));
	for (unsigned i = 0; i < 10; i++) {
		msec at;

		hear_unknown(gms[i], 0x4711);
		at = member_of(gms[i])->recovery.timer.at;
		first = at < first ? at : first;
		last = at > last ? at : last;
	}
	assert_in_range(last - first, SECONDS(3), SECONDS(30));
	world_pass(w, SECONDS(35));
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(member_of(gms[i])->successes, 2);
	world_free(w);
}

/* Each registration uses up an identifier: members ask once an hour, whatever is configured. */
static void
rfc6054_garbage_uses_up_few_identifiers(void **state)
{
	struct policy_maker m = usual;
	uint32_t before;
	struct group g;

	(void)state;
	m.tek_lifetime = 86400;
	m.suite = (struct esp_suite){CIPHER_GCM_128, HASH_NONE};
	g = group_new(&m);
	before = member_of(g.b)->attempts;
	for (uint32_t t = 0; t < 14400; t++) {
		world_pass(g.w, SECONDS(1));
		hear_unknown(g.b, 1 << 16 | t);
	}
	assert_in_range(member_of(g.b)->attempts - before, 1, 4);
	world_free(g.w);
}

/* --- other reasons ---------------------------------------------------------------------------- */

static void
line_up(struct node_under_test *n)
{
	core_line_up(n->core, "FastEthernet0/0", world_clock(n));
	world_drain(n);
}

static void
test_the_line_comes_up(void **state)
{
	struct group g = group_new(&usual);
	bool deaf = true;

	(void)state;
	g.w->fault = deafen_second;
	g.w->fault_arg = &deaf;
	rekey_at_once(&g);
	world_pass(g.w, SECONDS(60));
	core_line_up(g.b->core, "FastEthernet0/1", g.w->now); /* another */
	world_pass(g.w, SECONDS(60));
	assert_false(all_hear(&g));
	line_up(g.b);
	world_pass(g.w, SECONDS(35));
	assert_true(all_hear(&g));
	assert_int_equal(member_of(g.b)->successes, 2);
	/* A line that goes up and down makes it ask no more than that. */
	for (unsigned t = 0; t < 600; t++) {
		line_up(g.b);
		world_pass(g.w, SECONDS(1));
	}
	assert_in_range(member_of(g.b)->successes, 3, 4);
	world_free(g.w);
}

/* A member that waits for the next attempt makes it at once. */
static void
test_the_line_comes_up_while_it_waits(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual), *gm;
	struct core *away = ks->core;

	(void)state;
	ks->core = NULL;
	gm = world_member(w, &usual, "10.1.23.3");
	while (!node_logged(gm, "GM_REGS_FAILED"))
		world_pass(w, 100);
	ks->core = away;
	line_up(gm);
	world_pass(w, SECONDS(1));
	assert_true(node_registered(gm));
	world_free(w);
}

static void
test_the_server_ends_phase_1(void **state)
{
	struct group g = group_new(&usual);

	(void)state;
	core_clear_isakmp(g.ks->core, g.w->now);
	world_drain(g.ks);
	world_pass(g.w, SECONDS(35));
	assert_true(node_logged(g.b, "its key server has ended phase 1"));
	assert_int_equal(member_of(g.a)->successes, 2);
	assert_int_equal(member_of(g.b)->successes, 2);
	assert_true(all_hear(&g));
	world_free(g.w);
}

/* Its time is over: that is no news. */
static void
test_phase_1_ends_by_itself(void **state)
{
	struct policy_maker m = usual;
	struct group g;

	(void)state;
	m.ike_lifetime = 600;
	g = group_new(&m);
	world_pass(g.w, SECONDS(1200));
	assert_int_equal(member_of(g.a)->attempts, 1);
	assert_int_equal(member_of(g.b)->attempts, 1);
	world_free(g.w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_missed_rekey_is_asked_for),
	    cmocka_unit_test(test_not_when_it_is_off),
	    cmocka_unit_test(test_garbage_makes_one_registration_in_an_interval),
	    cmocka_unit_test(test_garbage_doubles_the_interval),
	    cmocka_unit_test(test_an_answer_that_helps_ends_the_doubling),
	    cmocka_unit_test(test_what_was_known_is_no_reason),
	    cmocka_unit_test(test_a_rekey_comes_first),
	    cmocka_unit_test(test_the_server_is_away),
	    cmocka_unit_test(test_they_do_not_ask_all_at_once),
	    cmocka_unit_test(rfc6054_garbage_uses_up_few_identifiers),
	    cmocka_unit_test(test_the_line_comes_up),
	    cmocka_unit_test(test_the_line_comes_up_while_it_waits),
	    cmocka_unit_test(test_the_server_ends_phase_1),
	    cmocka_unit_test(test_phase_1_ends_by_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
