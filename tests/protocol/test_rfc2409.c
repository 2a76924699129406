/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What GDOI uses of RFC 2409, on the wire: what no other test shows. docs/rfc6407.md names the
 * rest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/core/core_priv.h"
#include "runtime/wire/isakmp.h"
#include "tests/protocol/world.h"

static const struct policy_maker usual = {0};

struct kept {
	size_t n;
	struct packet at[32];
};

static unsigned
keep_packet(struct world *w, struct packet *p)
{
	struct kept *k = w->fault_arg;

	if (k->n < ARRAY_SIZE(k->at)) {
		k->at[k->n] = *p;
		k->at[k->n++].bytes = x_memdup(p->bytes, p->n);
	}
	return 1;
}

static void
kept_fini(struct kept *k)
{
	while (k->n)
		free(k->at[--k->n].bytes);
}

static enum drop
give_packet(struct node_under_test *n, const struct packet *p, const uint8_t *bytes, size_t size)
{
	enum drop d = core_input(n->core, &p->path, SPAN(bytes, size), n->world->now);

	world_drain(n);
	return d;
}

static uint32_t
read_u32(const uint8_t *p)
{
	struct rd r = rd_span(SPAN(p, 4));

	return rd_u32(&r);
}

/*
 * A whole registration: in clear up to message 4, then everything behind the header encrypted, the
 * padding counted; the cookies stay where they are, whoever sends.
 */
static void
rfc2409_3_2_encrypted_behind_the_header(void **state)
{
	static const uint8_t none[8];
	struct world *w = world_new();
	struct kept k = {0};
	struct node_under_test *gm;

	(void)state;
	w->fault = keep_packet;
	w->fault_arg = &k;
	world_server(w, &usual);
	gm = world_member(w, &usual, "10.1.23.3");
	world_pass(w, SECONDS(3));
	assert_true(node_registered(gm));
	assert_int_equal(k.n, 10);
	for (size_t i = 0; i < k.n; i++) {
		const uint8_t *b = k.at[i].bytes;
		struct isakmp_payloads p;
		bool clear = isakmp_payloads_get(b[16], SPAN(b + 28, k.at[i].n - 28), true, &p);

		assert_int_equal(read_u32(b + 24), k.at[i].n);
		assert_int_equal(b[18], i < 6 ? EXCHANGE_MAIN : EXCHANGE_GROUPKEY_PULL);
		assert_int_equal(b[19], i < 4 ? 0 : FLAG_ENCRYPTION);
		assert_int_equal(read_u32(b + 20) != 0, i >= 6);
		assert_int_equal(clear, i < 4);
		if (i >= 4)
			assert_int_equal((k.at[i].n - 28) % 16, 0);
		assert_memory_equal(b, k.at[0].bytes, 8);
		assert_memory_equal(b + 8, i ? k.at[1].bytes + 8 : none, 8);
	}
	kept_fini(&k);
	world_free(w);
}

/* Aggressive mode, base and authentication-only exchanges; quick and new group mode's numbers. */
static void
rfc2409_5_other_modes_are_refused(void **state)
{
	static const struct {
		uint8_t exchange;
		enum drop drop;
	} cases[] = {
	    /* clang-format off */
	    {1,  DROP_EXCHANGE},
	    {3,  DROP_EXCHANGE},
	    {4,  DROP_EXCHANGE},
	    {32, DROP_COOKIE},   /* GROUPKEY-PULL's number here, and wants an SA */
	    {33, DROP_COOKIE},   /* GROUPKEY-PUSH's */
	    {34, DROP_EXCHANGE},
	    /* clang-format on */
	};
	struct world *w = world_new();
	struct kept k = {0};
	struct node_under_test *ks;

	(void)state;
	w->fault = keep_packet;
	w->fault_arg = &k;
	ks = world_server(w, &usual);
	world_member(w, &usual, "10.1.23.3");
	world_pass(w, 0);
	assert_int_equal(k.n, 1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		k.at[0].bytes[18] = cases[i].exchange;
		assert_int_equal(give_packet(ks, &k.at[0], k.at[0].bytes, k.at[0].n),
		                 cases[i].drop);
	}
	kept_fini(&k);
	world_free(w);
}

/* Message 1, 3 or 5 under another exchange's number does not go on with this one. */
static unsigned
switch_exchange(struct world *w, struct packet *p)
{
	unsigned *which = w->fault_arg;

	if (w->sent == *which)
		p->bytes[18] = 4;
	return 1;
}

static void
rfc2409_5_exchange_is_not_switched(void **state)
{
	(void)state;
	for (unsigned which = 1; which <= 6; which++) {
		struct world *w = world_new();
		struct node_under_test *ks = world_server(w, &usual), *gm;

		w->fault = switch_exchange;
		w->fault_arg = &which;
		gm = world_member(w, &usual, "10.1.23.3");
		world_pass(w, SECONDS(1));
		assert_false(node_registered(gm));
		assert_int_equal(ks->core->drops[DROP_EXCHANGE] + gm->core->drops[DROP_EXCHANGE],
		                 1);
		world_pass(w, SECONDS(30)); /* the right one, repeated, does */
		assert_true(node_registered(gm));
		world_free(w);
	}
}

/* A vendor ID before the SA payload, in an offer and in a choice. */
static unsigned
sa_last(struct world *w, struct packet *p)
{
	unsigned *which = w->fault_arg;
	uint8_t *b;

	if (w->sent != *which)
		return 1;
	b = x_alloc(p->n + 20);
	memcpy(b, p->bytes, 28);
	memcpy(b + 28, (uint8_t[]){PAYLOAD_SA, 0, 0, 20}, 4);
	memcpy(b + 48, p->bytes + 28, p->n - 28);
	b[16] = PAYLOAD_VID;
	p->n += 20;
	b[27] = (uint8_t)p->n;
	b[26] = (uint8_t)(p->n >> 8);
	free(p->bytes);
	p->bytes = b;
	return 1;
}

static void
rfc2409_5_sa_payload_comes_first(void **state)
{
	(void)state;
	for (unsigned which = 1; which <= 2; which++) {
		struct world *w = world_new();
		struct node_under_test *ks = world_server(w, &usual), *gm;

		w->fault = sa_last;
		w->fault_arg = &which;
		gm = world_member(w, &usual, "10.1.23.3");
		world_pass(w, SECONDS(1));
		assert_false(node_registered(gm));
		assert_int_equal((which == 1 ? ks : gm)->core->drops[DROP_MALFORMED], 1);
		world_pass(w, SECONDS(30));
		assert_true(node_registered(gm));
		world_free(w);
	}
}

/* A notification about an exchange has a message ID of its own. */
static void
rfc2409_5_7_notify_has_its_own_message_id(void **state)
{
	static const struct policy_maker other = {.identity = 4711};
	struct world *w = world_new();
	struct kept k = {0};
	uint32_t pull = 0, notify = 0;

	(void)state;
	w->fault = keep_packet;
	w->fault_arg = &k;
	world_server(w, &usual);
	world_member(w, &other, "10.1.23.3");
	world_pass(w, SECONDS(1));
	for (size_t i = 0; i < k.n; i++) {
		if (k.at[i].bytes[18] == EXCHANGE_GROUPKEY_PULL)
			pull = read_u32(k.at[i].bytes + 20);
		if (k.at[i].bytes[18] == EXCHANGE_INFORMATIONAL) {
			notify = read_u32(k.at[i].bytes + 20);
			assert_memory_equal(k.at[i].bytes, k.at[0].bytes, 8); /* 4: cookies */
		}
	}
	assert_true(pull && notify && pull != notify);
	kept_fini(&k);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc2409_3_2_encrypted_behind_the_header),
	    cmocka_unit_test(rfc2409_5_other_modes_are_refused),
	    cmocka_unit_test(rfc2409_5_exchange_is_not_switched),
	    cmocka_unit_test(rfc2409_5_sa_payload_comes_first),
	    cmocka_unit_test(rfc2409_5_7_notify_has_its_own_message_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
