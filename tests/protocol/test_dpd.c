/* SPDX-License-Identifier: Apache-2.0 */
/* Dead peer detection (RFC 3706, runtime/core/ike_dpd.c), in both roles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "compiler/policy/protocol.h"
#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"
#include "runtime/core/xch.h"
#include "tests/protocol/world.h"

#define FIRST   "10.1.12.1"
#define SECOND  "10.1.12.9"
#define MEMBER  "10.1.23.3"

#define RECORDS 64

static const struct policy_maker silent = {.servers = {FIRST, SECOND}};

/* A member of two key servers, and what the wire did. */
struct scene {
	struct world *w;
	struct node_under_test *first, *second, *gm;
	unsigned asked, answered; /* informational messages of the member, to the member */
	bool drop_answers;
	size_t n_records;
	struct packet records[RECORDS]; /* informational messages to the member; owned */
};

static bool
is_informational(const struct packet *p)
{
	return p->n > 18 && p->bytes[18] == EXCHANGE_INFORMATIONAL;
}

static unsigned
watch_wire(struct world *w, struct packet *p)
{
	struct scene *s = w->fault_arg;

	if (!is_informational(p))
		return 1;
	if (p->path.remote == addr_of(MEMBER)) {
		s->asked++;
		return 1;
	}
	s->answered++;
	if (s->n_records < RECORDS) {
		s->records[s->n_records] = *p;
		s->records[s->n_records++].bytes = x_memdup(p->bytes, p->n);
	}
	return !s->drop_answers;
}

/* of: the member; of the servers nothing is said unless theirs is. */
static struct scene *
scene_new(const struct policy_maker *of, const struct policy_maker *theirs)
{
	struct scene *s = x_alloc(sizeof(*s));

	s->w = world_new();
	s->first = world_server(s->w, theirs ? theirs : &silent);
	s->second = world_node(s->w, SECOND, policy_server(&silent, addr_of(SECOND)));
	s->gm = world_member(s->w, of, MEMBER);
	world_pass(s->w, SECONDS(3));
	assert_true(node_registered(s->gm));
	s->w->fault = watch_wire;
	s->w->fault_arg = s;
	return s;
}

static void
scene_free(struct scene *s)
{
	for (size_t i = 0; i < s->n_records; i++)
		free(s->records[i].bytes);
	world_free(s->w);
	free(s);
}

static struct ike_sa *
sa_of(const struct node_under_test *n)
{
	return n->core->ike.all;
}

static uint32_t
server_of(const struct scene *s)
{
	return s->gm->core->gms[0]->registered_server;
}

static const struct policy_maker periodic = {
    .servers = {FIRST, SECOND}, .recovery_check = 300, .keepalive = {10, 3, true}};
static const struct policy_maker on_demand = {
    .servers = {FIRST, SECOND}, .recovery_check = 300, .keepalive = {10, 2, false}};

/* --- who is there ----------------------------------------------------------------------------- */

static void
test_both_say_so(void **state)
{
	struct scene *s = scene_new(&silent, NULL);

	(void)state;
	assert_true(sa_of(s->gm)->dpd.able && sa_of(s->first)->dpd.able);
	world_pass(s->w, SECONDS(3600 / 2));
	assert_int_equal(s->asked, 0); /* nobody is told to ask */
	scene_free(s);
}

static void
test_periodic_questions_are_answered(void **state)
{
	struct scene *s = scene_new(&periodic, NULL);
	struct ike_sa *sa = sa_of(s->gm);
	uint32_t next;

	(void)state;
	world_pass(s->w, SECONDS(12));
	assert_int_equal(s->asked, 1);
	assert_int_equal(s->answered, 1);
	next = sa->dpd.next;
	assert_true(next <= INT32_MAX); /* the high bit is clear at first */
	world_pass(s->w, SECONDS(600));
	assert_in_range(s->asked, 58, 62);
	assert_int_equal(s->asked, s->answered);
	assert_int_equal(sa->dpd.next - next, s->asked - 1);
	assert_ptr_equal(sa_of(s->gm), sa);
	scene_free(s);
}

static void
test_on_demand_asks_nobody_in_vain(void **state)
{
	struct scene *s = scene_new(&on_demand, NULL);

	(void)state;
	world_pass(s->w, SECONDS(1800));
	assert_int_equal(s->asked, 0);
	scene_free(s);
}

static void
test_answers_that_are_lost_now_and_then_kill_nobody(void **state)
{
	struct scene *s = scene_new(&periodic, NULL);
	struct ike_sa *sa = sa_of(s->gm);

	(void)state;
	for (int i = 0; i < 20; i++) {
		s->drop_answers = true;
		for (int t = 0; t < 60 && sa->dpd.waiting < 5; t++)
			world_pass(s->w, SECONDS(1));
		assert_int_equal(sa->dpd.waiting, 5);
		s->drop_answers = false;
		world_pass(s->w, SECONDS(4));
		assert_ptr_equal(sa_of(s->gm), sa);
		assert_int_equal(sa->dpd.waiting, 0);
	}
	scene_free(s);
}

static void
test_a_peer_that_does_not_say_so_is_not_asked(void **state)
{
	struct scene *s = scene_new(&periodic, NULL);

	(void)state;
	world_pass(s->w, SECONDS(12));
	assert_int_equal(s->asked, 1);
	sa_of(s->gm)->dpd.able = false;
	world_pass(s->w, SECONDS(600));
	assert_int_equal(s->asked, 1);
	scene_free(s);
}

/* --- who is not ------------------------------------------------------------------------------- */

/* 10 s of silence, one question, five more, each 3 s after the one before. */
static void
test_a_dead_server_is_left_for_the_next(void **state)
{
	struct scene *s = scene_new(&periodic, NULL);

	(void)state;
	s->first->asleep = true;
	world_pass(s->w, SECONDS(10 + 5 * 3) - 3000);
	assert_non_null(sa_of(s->gm));
	world_pass(s->w, SECONDS(7));
	assert_true(node_logged(s->gm, "its key server is dead"));
	assert_int_equal(s->asked, 1 + 5 + 1); /* and the SA is deleted */
	assert_true(node_sender(s->gm));       /* its keys are good for as long as they live */
	world_pass(s->w, GM_RECOVER_JITTER + SECONDS(5));
	assert_true(node_registered(s->gm));
	assert_int_equal(server_of(s), addr_of(SECOND));
	scene_free(s);
}

static void
test_without_another_server_the_keys_stay(void **state)
{
	static const struct policy_maker alone = {
	    .servers = {FIRST}, .recovery_check = 300, .keepalive = {10, 2, true}};
	struct scene *s = scene_new(&alone, NULL);
	unsigned attempts = s->gm->core->gms[0]->attempts;

	(void)state;
	s->first->asleep = true;
	world_pass(s->w, SECONDS(600));
	assert_null(sa_of(s->gm));
	assert_true(node_registered(s->gm));
	assert_int_equal(s->gm->core->gms[0]->attempts, attempts);
	scene_free(s);
}

/* A registration that is due finds out, on demand, and goes on in seconds. */
static void
test_on_demand_finds_out_when_it_matters(void **state)
{
	struct scene *s = scene_new(&on_demand, NULL);
	struct gm *gm = s->gm->core->gms[0];

	(void)state;
	world_pass(s->w, SECONDS(60));
	s->first->asleep = true;
	gm_reregister_at(gm, s->w->now);
	world_pass(s->w, SECONDS(5 * 2));
	assert_int_equal(gm->state, GM_PULLING);
	world_pass(s->w, SECONDS(6));
	assert_int_equal(gm->state, GM_REGISTERED);
	assert_int_equal(server_of(s), addr_of(SECOND));
	scene_free(s);
}

static void
test_a_server_forgets_who_is_dead(void **state)
{
	static const struct policy_maker asks = {.keepalive = {10, 2, true}};
	struct scene *s = scene_new(&silent, &asks);

	(void)state;
	world_pass(s->w, SECONDS(60));
	assert_non_null(sa_of(s->first));
	s->gm->asleep = true;
	world_pass(s->w, SECONDS(10 + 6 * 2 + 1));
	assert_null(sa_of(s->first));
	assert_int_equal(node_members(s->first), 1); /* it may live, and have its keys */
	scene_free(s);
}

static void
test_settings_reach_sas_that_are_there(void **state)
{
	struct scene *s = scene_new(&silent, NULL);

	(void)state;
	node_set(s->gm, policy_member(&periodic, addr_of(MEMBER)));
	world_pass(s->w, SECONDS(60));
	assert_in_range(s->asked, 5, 6);
	node_set(s->gm, policy_member(&silent, addr_of(MEMBER)));
	s->asked = 0;
	world_pass(s->w, SECONDS(60));
	assert_int_equal(s->asked, 0);
	scene_free(s);
}

/* --- who is hostile --------------------------------------------------------------------------- */

static void
give_all(struct scene *s)
{
	for (size_t i = 0; i < s->n_records; i++)
		core_input(s->gm->core, &s->records[i].path,
		           SPAN(s->records[i].bytes, s->records[i].n), s->w->now);
	world_drain(s->gm);
}

/* Somebody on the way has recorded all answers, and plays them when the server is dead. */
static void
test_recorded_answers_keep_nobody_alive(void **state)
{
	struct scene *s = scene_new(&periodic, NULL);
	uint64_t refused;

	(void)state;
	world_pass(s->w, SECONDS(300));
	assert_true(s->n_records > 20);
	refused = s->gm->core->drops[DROP_DPD];
	s->first->asleep = true;
	for (int i = 0; i < 40; i++) {
		world_pass(s->w, SECONDS(1));
		give_all(s);
	}
	assert_true(s->gm->core->drops[DROP_DPD] > refused);
	assert_true(node_logged(s->gm, "its key server is dead"));
	scene_free(s);
}

/* The member asks under a number; what the server says to it: how many answers. */
static unsigned
ask_with(struct scene *s, uint32_t number)
{
	unsigned before = s->answered;

	info_notify(sa_of(s->gm), NOTIFY_R_U_THERE, number);
	world_drain(s->gm);
	world_pass(s->w, 3 * WORLD_LATENCY);
	return s->answered - before;
}

static void
test_numbers_do_not_go_back(void **state)
{
	struct scene *s = scene_new(&silent, NULL);

	(void)state;
	assert_int_equal(ask_with(s, UINT32_MAX - 1), 1);
	assert_int_equal(ask_with(s, UINT32_MAX - 1), 1); /* it has not heard the answer */
	assert_int_equal(ask_with(s, UINT32_MAX - 2), 0);
	assert_int_equal(s->first->core->drops[DROP_DPD], 1);
	assert_int_equal(ask_with(s, 3), 1); /* beyond the end */
	assert_int_equal(ask_with(s, UINT32_MAX), 0);
	scene_free(s);
}

static void
test_a_peer_that_floods_is_answered_seldom(void **state)
{
	struct scene *s = scene_new(&silent, NULL);

	(void)state;
	for (uint32_t i = 0; i < 1000; i++)
		info_notify(sa_of(s->gm), NOTIFY_R_U_THERE, i);
	world_drain(s->gm);
	world_pass(s->w, SECONDS(1));
	assert_in_range(s->answered, 1, NOTICES_PEER.burst + 8);
	assert_true(s->first->core->drops[DROP_LIMIT] > 900);
	scene_free(s);
}

/* --- what is no question ---------------------------------------------------------------------- */

struct odd {
	uint8_t proto;
	size_t spi, data;
	bool wrong_spi;
};

static enum drop
odd_make(struct xch *x, struct message *m)
{
	const struct odd *o = x->of;
	uint8_t spi[32] = {0}, data[8] = {0};

	memcpy(spi, x->sa->cookie_i, COOKIE_SIZE);
	memcpy(spi + COOKIE_SIZE, x->sa->cookie_r, COOKIE_SIZE);
	spi[0] ^= o->wrong_spi;
	isakmp_payload_begin(m->w, m->chain, PAYLOAD_NOTIFY);
	isakmp_notify_put(m->w, &(struct isakmp_notify){.doi = DOI_IPSEC,
	                                                .proto = o->proto,
	                                                .type = NOTIFY_R_U_THERE,
	                                                .spi = SPAN(spi, o->spi),
	                                                .data = SPAN(data, o->data)});
	isakmp_payload_end(m->w, m->chain);
	return DROP_NONE;
}

static const struct step odd_steps[] = {
    {SEND, P_HASH | P_NOTIFY, 0, odd_make},
};

static const struct xch_kind odd_kind = {
    .exchange = EXCHANGE_INFORMATIONAL,
    .steps = odd_steps,
    .n = ARRAY_SIZE(odd_steps),
    .done = xch_drop,
};

static void
test_what_is_no_question_is_not_answered(void **state)
{
	static const struct odd cases[] = {
	    {1, 16, 3, false}, {1, 16, 5, false}, {1, 16, 0, false}, {1, 0, 4, false},
	    {1, 15, 4, false}, {1, 16, 4, true},  {3, 16, 4, false},
	};
	struct scene *s = scene_new(&silent, NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ike_sa *sa = sa_of(s->gm);
		struct odd odd = cases[i];

		xch_run(xch_new(sa, &odd_kind, &odd, true, xch_message_id(sa)));
		world_drain(s->gm);
		world_pass(s->w, SECONDS(1));
		assert_int_equal(s->answered, 0);
		assert_int_equal(s->first->core->drops[DROP_MALFORMED], i + 1);
	}
	scene_free(s);
}

/* Nor is one in clear, from whomever. */
static void
test_nobody_is_answered_in_clear(void **state)
{
	struct scene *s = scene_new(&silent, NULL);
	const struct ike_sa *sa = sa_of(s->first);
	struct isakmp_header h = {
	    .version = ISAKMP_VERSION, .exchange = EXCHANGE_INFORMATIONAL, .message_id = 7};
	struct isakmp_chain chain = ISAKMP_CHAIN;
	uint8_t buf[256], spi[16], data[4] = {0};
	struct wr w = wr_buf(buf, sizeof(buf));

	(void)state;
	memcpy(h.cookie_i, sa->cookie_i, COOKIE_SIZE);
	memcpy(h.cookie_r, sa->cookie_r, COOKIE_SIZE);
	memcpy(spi, sa->cookie_i, COOKIE_SIZE);
	memcpy(spi + COOKIE_SIZE, sa->cookie_r, COOKIE_SIZE);
	isakmp_header_put(&w, &h);
	isakmp_payload_begin(&w, &chain, PAYLOAD_NOTIFY);
	isakmp_notify_put(&w, &(struct isakmp_notify){.doi = DOI_IPSEC,
	                                              .proto = 1,
	                                              .type = NOTIFY_R_U_THERE,
	                                              .spi = SPAN(spi, 16),
	                                              .data = SPAN(data, 4)});
	isakmp_payload_end(&w, &chain);
	isakmp_finish(&w);
	assert_int_equal(core_input(s->first->core, &sa->path, wr_done(&w), s->w->now),
	                 DROP_UNEXPECTED);
	world_drain(s->first);
	assert_int_equal(s->answered, 0);
	scene_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_both_say_so),
	    cmocka_unit_test(test_periodic_questions_are_answered),
	    cmocka_unit_test(test_on_demand_asks_nobody_in_vain),
	    cmocka_unit_test(test_answers_that_are_lost_now_and_then_kill_nobody),
	    cmocka_unit_test(test_a_peer_that_does_not_say_so_is_not_asked),
	    cmocka_unit_test(test_a_dead_server_is_left_for_the_next),
	    cmocka_unit_test(test_without_another_server_the_keys_stay),
	    cmocka_unit_test(test_on_demand_finds_out_when_it_matters),
	    cmocka_unit_test(test_a_server_forgets_who_is_dead),
	    cmocka_unit_test(test_settings_reach_sas_that_are_there),
	    cmocka_unit_test(test_recorded_answers_keep_nobody_alive),
	    cmocka_unit_test(test_numbers_do_not_go_back),
	    cmocka_unit_test(test_a_peer_that_floods_is_answered_seldom),
	    cmocka_unit_test(test_what_is_no_question_is_not_answered),
	    cmocka_unit_test(test_nobody_is_answered_in_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
