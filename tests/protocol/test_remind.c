/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A member that has missed every copy of a rekey is told again (runtime/core/ks_remind.c): at
 * growing intervals, it alone, and in messages that are as true as the first one was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"
#include "runtime/core/ks.h"
#include "runtime/store/store_memory.h"
#include "runtime/wire/isakmp.h"
#include "tests/protocol/group.h"

static const struct policy_maker usual = {.tek_lifetime = 3600};

#define PUSHES_MAX 64

/* A group whose second member hears no rekey until a certain moment. */
struct scene {
	struct group g;
	struct store *store;
	msec deaf_until;
	size_t n_pushes[2]; /* to the first and the second member */
	msec pushes[2][PUSHES_MAX];
};

static unsigned
watch_pushes(struct world *w, struct packet *p)
{
	struct scene *s = w->fault_arg;
	bool second = p->path.local == s->g.b->addr;

	if (p->n < ISAKMP_HEADER || p->bytes[18] != EXCHANGE_GROUPKEY_PUSH)
		return 1;
	if (s->n_pushes[second] < PUSHES_MAX)
		s->pushes[second][s->n_pushes[second]++] = w->now;
	return !second || w->now >= s->deaf_until;
}

static struct scene *
scene_new(const struct policy_maker *m, bool kept)
{
	struct scene *s = x_alloc(sizeof(*s));
	struct world *w = world_new();

	s->g.w = w;
	s->store = kept ? store_memory_new() : NULL;
	w->store = s->store;
	s->g.ks = world_server(w, m);
	s->g.a = world_member(w, m, "10.1.23.3");
	s->g.b = world_member(w, m, "10.1.24.4");
	world_pass(w, SECONDS(3));
	assert_true(node_registered(s->g.a) && node_registered(s->g.b));
	w->fault = watch_pushes;
	w->fault_arg = s;
	return s;
}

static void
scene_free(struct scene *s)
{
	world_free(s->g.w);
	if (s->store)
		store_close(s->store);
	free(s);
}

static struct ks *
server_of(struct scene *s)
{
	return s->g.ks->core->kss[0];
}

static uint32_t
count_registrations(const struct scene *s)
{
	return s->g.a->core->gms[0]->successes + s->g.b->core->gms[0]->successes;
}

static bool
all_hear(const struct scene *s)
{
	return node_hears(s->g.a, s->g.b) && node_hears(s->g.b, s->g.a);
}

/* The second member hears none of what this rekey brings for so long. */
static void
rekey_unheard(struct scene *s, msec deaf_for)
{
	s->deaf_until = s->g.w->now + deaf_for;
	assert_true(core_ks_rekey(s->g.ks->core, NULL, false, s->g.w->now));
	world_drain(s->g.ks);
}

/* A new KEK and new TEKs: told under the old KEK, which the second member still has. */
static void
test_told_again_at_growing_intervals(void **state)
{
	struct scene *s = scene_new(&usual, false);
	msec began = s->g.w->now;

	(void)state;
	rekey_unheard(s, SECONDS(600));
	world_pass(s->g.w, SECONDS(60));
	assert_true(node_logged(s->g.ks, "KS_REKEY_NO_ACK: GM 10.1.24.4"));
	world_pass(s->g.w, SECONDS(500));
	assert_int_equal(s->n_pushes[0], 1);
	/*
	 * Rounds at 0, 10 and 20 s, over at 30; then after 60, 120 and 240 s, each time under the
	 * old KEK and the new one.
	 */
	assert_int_equal(s->n_pushes[1], 9);
	assert_int_equal(s->pushes[1][3] - began, SECONDS(90));
	assert_int_equal(s->pushes[1][5] - began, SECONDS(210));
	assert_int_equal(s->pushes[1][7] - began, SECONDS(450));
	world_pass(s->g.w, SECONDS(400)); /* the next at 930 s */
	assert_true(all_hear(s));
	assert_int_equal(s->g.b->core->gms[0]->rekeys_received, 1);
	assert_int_equal(count_registrations(s), 2);
	assert_false(server_of(s)->push.active);
	/* Both know the new KEK: the next rekey needs one round. */
	rekey_unheard(s, 0);
	world_pass(s->g.w, SECONDS(60));
	assert_int_equal(s->n_pushes[0], 2);
	assert_int_equal(s->n_pushes[1], 12);
	assert_true(all_hear(s));
	scene_free(s);
}

/* Keys that are told late end no later. */
static void
test_a_reminder_tells_what_is_true_now(void **state)
{
	struct scene *s = scene_new(&usual, false);
	const struct gm_policy *p, *q;

	(void)state;
	rekey_unheard(s, SECONDS(300));
	world_pass(s->g.w, SECONDS(600));
	p = s->g.a->core->gms[0]->policy;
	q = s->g.b->core->gms[0]->policy;
	assert_memory_equal(p->kek.spi, q->kek.spi, sizeof(p->kek.spi));
	assert_in_range(q->kek.expires, p->kek.expires - SECONDS(1), p->kek.expires + SECONDS(1));
	assert_true(all_hear(s));
	for (size_t i = 0; i < p->n_teks; i++)
		for (size_t k = 0; k < q->n_teks; k++)
			if (p->teks[i].spi == q->teks[k].spi)
				assert_in_range(q->teks[k].expires, p->teks[i].expires - SECONDS(1),
				                p->teks[i].expires + SECONDS(1));
	scene_free(s);
}

/* No KEK is new: what is told comes under the one that all have. */
static void
test_new_teks_alone(void **state)
{
	struct scene *s = scene_new(&usual, false);
	struct policy_maker other = usual;

	(void)state;
	other.suite = (struct esp_suite){CIPHER_AES_256, HASH_SHA256};
	s->deaf_until = s->g.w->now + SECONDS(100);
	node_set(s->g.ks, policy_server(&other, s->g.ks->addr));
	world_pass(s->g.w, SECONDS(300));
	assert_int_equal(node_sender(s->g.b)->suite.cipher, CIPHER_AES_256);
	assert_true(all_hear(s));
	assert_int_equal(s->n_pushes[0], 1);
	assert_int_equal(s->n_pushes[1], 5);
	assert_int_equal(count_registrations(s), 2);
	scene_free(s);
}

/* The next rekey makes the reminders of the one before needless. */
static void
test_until_the_next_rekey(void **state)
{
	struct scene *s = scene_new(&usual, false);
	struct policy_maker other = usual;
	size_t sent;

	(void)state;
	other.suite = (struct esp_suite){CIPHER_AES_256, HASH_SHA256};
	s->deaf_until = s->g.w->now + SECONDS(100);
	node_set(s->g.ks, policy_server(&other, s->g.ks->addr));
	world_pass(s->g.w, SECONDS(105));
	other.suite = (struct esp_suite){CIPHER_AES_128, HASH_SHA1};
	sent = s->n_pushes[1];
	node_set(s->g.ks, policy_server(&other, s->g.ks->addr));
	world_pass(s->g.w, SECONDS(600));
	assert_int_equal(s->n_pushes[1], sent + 1);
	assert_int_equal(node_sender(s->g.b)->suite.cipher, CIPHER_AES_128);
	assert_false(server_of(s)->push.active);
	scene_free(s);
}

/*
 * A member that has missed more than one KEK: it is told of the present one under the last that it
 * holds, with the next rekey as well as by a reminder.
 */
static void
test_several_keks_are_missed(void **state)
{
	struct scene *s = scene_new(&usual, false);

	(void)state;
	for (int i = 0; i < 3; i++) {
		rekey_unheard(s, SECONDS(1000));
		world_pass(s->g.w, SECONDS(40));
	}
	assert_int_equal(s->g.b->core->gms[0]->rekeys_received, 0);
	s->deaf_until = s->g.w->now;
	world_pass(s->g.w, SECONDS(60)); /* a reminder */
	assert_true(all_hear(s));
	assert_int_equal(s->g.b->core->gms[0]->rekeys_received, 1);
	for (int i = 0; i < 2; i++) {
		rekey_unheard(s, SECONDS(35));
		world_pass(s->g.w, SECONDS(40));
	}
	rekey_unheard(s, 0); /* the next rekey */
	world_pass(s->g.w, SECONDS(10));
	assert_true(all_hear(s));
	assert_int_equal(s->g.b->core->gms[0]->rekeys_received, 2);
	rekey_unheard(s, 0);
	world_pass(s->g.w, SECONDS(100));
	assert_true(all_hear(s));
	assert_int_equal(s->g.b->core->gms[0]->rekeys_received, 3);
	assert_int_equal(count_registrations(s), 2);
	assert_false(server_of(s)->push.active);
	scene_free(s);
}

static unsigned
lose_answers(struct world *w, struct packet *p)
{
	const struct scene *s = w->fault_arg;

	return p->n < ISAKMP_HEADER || p->bytes[18] != EXCHANGE_GROUPKEY_PUSH_ACK ||
	       w->now >= s->deaf_until;
}

/* Answers are lost: it holds newer KEKs than the server knows of, and hears what comes. */
static void
test_answers_are_lost(void **state)
{
	struct scene *s = scene_new(&usual, false);

	(void)state;
	s->g.w->fault = lose_answers;
	for (uint32_t i = 1; i <= 2; i++) {
		rekey_unheard(s, SECONDS(1000));
		world_pass(s->g.w, SECONDS(40));
		assert_true(all_hear(s));
		assert_int_equal(s->g.b->core->gms[0]->rekeys_received, i);
	}
	s->deaf_until = s->g.w->now;
	world_pass(s->g.w, SECONDS(100)); /* a reminder */
	assert_true(all_hear(s));
	assert_false(server_of(s)->push.active);
	assert_int_equal(count_registrations(s), 2);
	scene_free(s);
}

/* Who was told to go is told nothing more, whatever KEK he holds. */
static void
test_removed_members_are_told_no_keys(void **state)
{
	struct policy_maker only_a = usual;
	struct scene *s = scene_new(&usual, false);

	(void)state;
	only_a.only = "10.1.23.3";
	rekey_unheard(s, SECONDS(1000));
	world_pass(s->g.w, SECONDS(40));
	node_set(s->g.ks, policy_server(&only_a, s->g.ks->addr));
	world_pass(s->g.w, SECONDS(5));
	assert_true(core_ks_clear_members(s->g.ks->core, NULL, true, s->g.w->now));
	world_drain(s->g.ks);
	world_pass(s->g.w, SECONDS(40));
	for (int i = 0; i < 2; i++) {
		rekey_unheard(s, 0);
		world_pass(s->g.w, SECONDS(100));
	}
	assert_int_equal(node_members(s->g.ks), 1);
	assert_int_equal(s->g.b->core->gms[0]->rekeys_received, 0);
	for (size_t i = 0; i < KS_OLDER; i++)
		assert_false(server_of(s)->older[i].told && server_of(s)->older[i].serial < 3);
	scene_free(s);
}

static void
test_until_it_registers(void **state)
{
	struct scene *s = scene_new(&usual, false);
	size_t sent;

	(void)state;
	rekey_unheard(s, SECONDS(10000));
	world_pass(s->g.w, SECONDS(100));
	sent = s->n_pushes[1];
	core_clear_group(s->g.b->core, NULL, s->g.w->now);
	world_drain(s->g.b);
	world_pass(s->g.w, SECONDS(1000));
	assert_true(all_hear(s));
	assert_int_equal(s->n_pushes[1], sent);
	assert_false(server_of(s)->push.active);
	scene_free(s);
}

/* Nobody can read it once the KEK is over, and no datagram is for nothing. */
static void
test_until_the_keys_end(void **state)
{
	const struct policy_maker m = {.tek_lifetime = 100000, .kek_lifetime = 4000};
	struct scene *s = scene_new(&m, false);

	(void)state;
	core_free(s->g.b->core);
	s->g.b->core = core_new(&(struct core_env){.random = crypto_random});
	rekey_unheard(s, SECONDS(100000));
	world_pass(s->g.w, SECONDS(3600));
	/* 3 rounds; 60, 120, 240, 480, 960, 960: no reminder is more than 16 minutes off */
	assert_int_equal(s->n_pushes[1], 3 + 6 * 2);
	scene_free(s);
}

/* A member that is told to go, and missed it, is told again, until it comes back. */
static void
test_a_dismissal_is_told_again(void **state)
{
	struct scene *s = scene_new(&usual, false);
	size_t sent;

	(void)state;
	s->deaf_until = s->g.w->now + SECONDS(60);
	assert_true(core_ks_clear_members(s->g.ks->core, NULL, true, s->g.w->now));
	world_drain(s->g.ks);
	world_pass(s->g.w, SECONDS(60));
	assert_false(node_logged(s->g.b, "REMOVAL-NOW"));
	world_pass(s->g.w, SECONDS(60));
	assert_true(node_logged(s->g.b, "REMOVAL-NOW"));
	assert_true(all_hear(s));
	sent = s->n_pushes[1];
	world_pass(s->g.w, SECONDS(1000));
	assert_int_equal(s->n_pushes[1], sent);
	assert_int_equal(s->n_pushes[0], 1);
	assert_false(server_of(s)->push.active);
	scene_free(s);
}

/* A server that is started again reminds whom it owes, and nobody else. */
static void
test_a_restart_forgets_no_debt(void **state)
{
	struct scene *s = scene_new(&usual, true);
	struct policy_maker other = usual;

	(void)state;
	other.suite = (struct esp_suite){CIPHER_AES_256, HASH_SHA256};
	s->deaf_until = s->g.w->now + SECONDS(120);
	node_set(s->g.ks, policy_server(&other, s->g.ks->addr));
	world_pass(s->g.w, SECONDS(110)); /* one reminder is lost, too */
	node_boot(s->g.ks);
	world_pass(s->g.w, SECONDS(300));
	assert_int_equal(s->n_pushes[0], 1);
	assert_true(all_hear(s));
	assert_int_equal(count_registrations(s), 2);
	assert_false(server_of(s)->push.active);
	assert_false(node_logged(s->g.a, "SEQ_FAILURE"));
	assert_false(node_logged(s->g.b, "SEQ_FAILURE"));
	scene_free(s);
}

/* The same with a new KEK: it is told as it was when the server died. */
static void
test_a_restart_forgets_no_kek(void **state)
{
	struct scene *s = scene_new(&usual, true);

	(void)state;
	rekey_unheard(s, SECONDS(150));
	world_pass(s->g.w, SECONDS(110));
	node_boot(s->g.ks);
	world_pass(s->g.w, SECONDS(300));
	assert_int_equal(s->n_pushes[0], 1);
	assert_true(all_hear(s));
	assert_int_equal(count_registrations(s), 2);
	scene_free(s);
}

/* What an eavesdropper has kept of the second member. */
static struct packet kept_answer;

static unsigned
keep_answer(struct world *w, struct packet *p)
{
	const struct scene *s = w->fault_arg;

	if (p->n >= ISAKMP_HEADER && p->bytes[18] == EXCHANGE_GROUPKEY_PUSH_ACK &&
	    p->path.remote == s->g.b->addr && !kept_answer.n) {
		kept_answer = *p;
		kept_answer.bytes = x_memdup(p->bytes, p->n);
	}
	return watch_pushes(w, p);
}

/* It is told again until it answers this rekey, whatever old answers somebody sends for it. */
static void
test_old_answers_are_no_answers(void **state)
{
	struct scene *s = scene_new(&usual, false);
	struct ks_member *m = ks_member_find(server_of(s), s->g.b->addr);
	struct world *w = s->g.w;

	(void)state;
	/* It answers a rekey under the KEK before the present one. */
	rekey_unheard(s, SECONDS(35));
	world_pass(w, SECONDS(40));
	w->fault = keep_answer;
	rekey_unheard(s, 0);
	world_pass(w, SECONDS(40));
	assert_true(kept_answer.n);
	w->fault = watch_pushes;
	rekey_unheard(s, 0);
	world_pass(w, SECONDS(40));
	assert_true(all_hear(s));
	/* It has to be reminded of the third one. */
	rekey_unheard(s, SECONDS(1000));
	world_pass(w, SECONDS(100));
	assert_true(server_of(s)->push.reminding);
	assert_int_equal(server_of(s)->push.open, 1);
	assert_int_equal(m->missed, 1);
	core_input(s->g.ks->core, &kept_answer.path, SPAN(kept_answer.bytes, kept_answer.n),
	           w->now);
	free(kept_answer.bytes);
	assert_true(server_of(s)->push.active);
	assert_int_equal(server_of(s)->push.open, 1);
	assert_int_equal(m->missed, 1);
	s->deaf_until = w->now;
	world_pass(w, SECONDS(300));
	assert_true(all_hear(s));
	assert_int_equal(m->missed, 0);
	assert_int_equal(count_registrations(s), 2);
	scene_free(s);
}

static unsigned
lose_multicast(struct world *w, struct packet *p)
{
	struct scene *s = w->fault_arg;

	return p->path.local != 0xef010101 || w->now >= s->deaf_until;
}

static void
test_multicast_is_said_again(void **state)
{
	struct policy_maker m = usual;
	struct scene *s;

	(void)state;
	m.multicast = true;
	s = scene_new(&m, false);
	s->g.w->fault = lose_multicast;
	rekey_unheard(s, SECONDS(60));
	world_pass(s->g.w, SECONDS(60));
	assert_int_equal(s->g.b->core->gms[0]->rekeys_received, 0);
	world_pass(s->g.w, SECONDS(60));
	assert_int_equal(s->g.a->core->gms[0]->rekeys_received, 1);
	assert_int_equal(s->g.b->core->gms[0]->rekeys_received, 1);
	assert_true(all_hear(s));
	scene_free(s);
}

/* `rekey retransmit 10 periodic` */
static void
test_periodic(void **state)
{
	struct scene *s = scene_new(&usual, false);
	struct policy *p = policy_server(&usual, s->g.ks->addr);

	(void)state;
	((struct policy_group *)(uintptr_t)p->groups)->server.rekey.periodic = true;
	node_set(s->g.ks, p);
	rekey_unheard(s, SECONDS(95));
	world_pass(s->g.w, SECONDS(120));
	assert_int_equal(s->n_pushes[1], 3 + 7 * 2); /* at 0, 10, 20; then at 40, 50 ... 100 s */
	assert_true(all_hear(s));
	scene_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_told_again_at_growing_intervals),
	    cmocka_unit_test(test_a_reminder_tells_what_is_true_now),
	    cmocka_unit_test(test_new_teks_alone),
	    cmocka_unit_test(test_until_the_next_rekey),
	    cmocka_unit_test(test_several_keks_are_missed),
	    cmocka_unit_test(test_answers_are_lost),
	    cmocka_unit_test(test_removed_members_are_told_no_keys),
	    cmocka_unit_test(test_until_it_registers),
	    cmocka_unit_test(test_until_the_keys_end),
	    cmocka_unit_test(test_a_dismissal_is_told_again),
	    cmocka_unit_test(test_a_restart_forgets_no_debt),
	    cmocka_unit_test(test_a_restart_forgets_no_kek),
	    cmocka_unit_test(test_old_answers_are_no_answers),
	    cmocka_unit_test(test_multicast_is_said_again),
	    cmocka_unit_test(test_periodic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
