/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Acknowledgements of rekeys, RFC 8263: what no other test shows. docs/rfc6407.md names the rest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/core/ks.h"
#include "runtime/crypto/prf.h"
#include "tests/protocol/forge.h"

static const struct policy_maker usual = {.tek_lifetime = 3600};

struct scene {
	struct world *w;
	struct node_under_test *ks, *gm;
	bool hold; /* acknowledgements do not arrive */
	unsigned acks;
	msec pushed, answered; /* the last of each, when it was sent */
	struct packet ack;     /* the last one */
};

static unsigned
watch_packet(struct world *w, struct packet *p)
{
	struct scene *s = w->fault_arg;

	if (p->n < ISAKMP_HEADER || p->bytes[18] < EXCHANGE_GROUPKEY_PUSH)
		return 1;
	if (p->bytes[18] == EXCHANGE_GROUPKEY_PUSH) {
		s->pushed = w->now;
		return 1;
	}
	s->acks++;
	s->answered = w->now;
	free(s->ack.bytes);
	s->ack = *p;
	s->ack.bytes = x_memdup(p->bytes, p->n);
	return !s->hold;
}

static struct scene *
scene_new(void)
{
	struct scene *s = x_alloc(sizeof(*s));

	s->w = world_new();
	s->ks = world_server(s->w, &usual);
	s->gm = world_member(s->w, &usual, "10.1.23.3");
	world_pass(s->w, SECONDS(3));
	assert_true(node_registered(s->gm));
	s->w->fault = watch_packet;
	s->w->fault_arg = s;
	return s;
}

static void
scene_free(struct scene *s)
{
	free(s->ack.bytes);
	world_free(s->w);
	free(s);
}

static void
send_rekey(struct scene *s)
{
	assert_true(core_ks_rekey(s->ks->core, NULL, false, s->w->now));
	world_drain(s->ks);
}

static enum drop
give_answer(struct scene *s, const uint8_t *bytes, size_t n)
{
	enum drop d = core_input(s->ks->core, &s->ack.path, SPAN(bytes, n), s->w->now);

	world_drain(s->ks);
	return d;
}

/* Octet for octet: the header, HASH, SEQ, ID with protocol and port of zero, in clear. */
static void
rfc8263_3_what_is_sent(void **state)
{
	struct scene *s = scene_new();
	static const uint8_t head[12] = {PAYLOAD_HASH, 0x10, 35, 0};
	static const uint8_t rest[] = {PAYLOAD_ID, 0, 0, 8,  0,  0, 0,  1, /* SEQ */
	                               0,          0, 0, 12,               /* ID */
	                               1,          0, 0, 0,  10, 1, 23, 3};
	uint8_t spi[16];
	size_t hash = ISAKMP_HEADER + 4 + 32;

	(void)state;
	memcpy(spi, forge_gm(s->gm)->policy->kek.spi, sizeof(spi));
	send_rekey(s);
	world_pass(s->w, SECONDS(6));
	assert_int_equal(s->acks, 1);
	assert_memory_equal(s->ack.bytes, spi, 16); /* of the SA that the rekey came under */
	assert_memory_equal(s->ack.bytes + 16, head, 8);
	assert_int_equal(s->ack.bytes[27], s->ack.n);
	assert_int_equal(s->ack.bytes[ISAKMP_HEADER], PAYLOAD_SEQ);
	assert_int_equal(s->ack.n, hash + sizeof(rest));
	assert_memory_equal(s->ack.bytes + hash, rest, sizeof(rest));
	scene_free(s);
}

/* ack_key = prf(base_key, "GROUPKEY-PUSH ACK" | SPI | L); L is the block of the prf, in bits. */
static void
rfc8263_3_2_key_and_hash(void **state)
{
	struct scene *s = scene_new();
	const struct gm_kek *k = &forge_gm(s->gm)->policy->kek;
	static const uint8_t l[2] = {512 >> 8, 512 & 0xff};
	size_t iv = cipher_block_size(k->cipher), from = ISAKMP_HEADER + 4 + 32;
	struct secret base = {0};
	uint8_t spi[16], key[HASH_SIZE_MAX], hash[HASH_SIZE_MAX];

	(void)state;
	memcpy(spi, k->spi, sizeof(spi));
	secret_copy(&base, SPAN(secret_span(&k->key).p + iv, secret_span(&k->key).n - iv));
	send_rekey(s);
	world_pass(s->w, SECONDS(6));
	PRF(HASH_SHA256, secret_span(&base), key, SPAN("GROUPKEY-PUSH ACK", 18), SPAN(spi, 16),
	    SPAN(l, 2));
	PRF(HASH_SHA256, SPAN(key, 32), hash, SPAN(s->ack.bytes + from, s->ack.n - from));
	assert_memory_equal(s->ack.bytes + ISAKMP_HEADER + 4, hash, 32);
	secret_fini(&base);
	scene_free(s);
}

/* Rightly hashed, but with a protocol or a port. */
static void
rfc8263_3_4_identity_with_a_port_is_refused(void **state)
{
	struct scene *s = scene_new();
	const struct ks_message *sent;
	size_t from = ISAKMP_HEADER + 4 + 32;

	(void)state;
	s->hold = true;
	send_rekey(s);
	world_pass(s->w, SECONDS(6));
	sent = &s->ks->core->kss[0]->push.messages[KS_OURS];
	assert_non_null(sent->bytes);
	for (size_t octet = 0; octet < 4; octet++) { /* protocol, port, port; then none */
		uint8_t bytes[256];

		memcpy(bytes, s->ack.bytes, s->ack.n);
		bytes[s->ack.n - 7 + octet] ^= octet < 3;
		PRF(HASH_SHA256, secret_span(&sent->ack_key), bytes + ISAKMP_HEADER + 4,
		    SPAN(bytes + from, s->ack.n - from));
		assert_int_equal(give_answer(s, bytes, s->ack.n),
		                 octet < 3 ? DROP_HASH : DROP_NONE);
	}
	scene_free(s);
}

/* What was taken is known again before any hash is made. */
static void
rfc8263_5_duplicates_cost_nothing(void **state)
{
	struct scene *s = scene_new();
	uint8_t bent[256];

	(void)state;
	send_rekey(s);
	world_pass(s->w, SECONDS(6));
	memcpy(bent, s->ack.bytes, s->ack.n);
	bent[ISAKMP_HEADER + 4] ^= 1; /* its HASH is not looked at any more */
	assert_int_equal(give_answer(s, s->ack.bytes, s->ack.n), DROP_REPEAT);
	assert_int_equal(give_answer(s, bent, s->ack.n), DROP_REPEAT);
	scene_free(s);
}

static void
rfc8263_6_within_five_seconds(void **state)
{
	struct scene *s = scene_new();
	msec least = SECONDS(5), most = 0;

	(void)state;
	for (unsigned i = 1; i <= 50; i++) {
		msec took;

		send_rekey(s);
		world_pass(s->w, SECONDS(9));
		assert_int_equal(s->acks, i);
		took = s->answered - s->pushed;
		least = took < least ? took : least;
		most = took > most ? took : most;
	}
	assert_true(most <= SECONDS(5));
	assert_true(most - least > SECONDS(1)); /* members do not answer all at once */
	scene_free(s);
}

/* With the shortest times that can be configured, `retransmit 10 number 1`. */
static void
rfc8263_6_not_missing_before_ten_seconds(void **state)
{
	struct scene *s = scene_new();
	struct policy *p = policy_server(&usual, s->ks->addr);
	struct policy_rekey *r = &((struct policy_group *)(uintptr_t)p->groups)->server.rekey;

	(void)state;
	r->retransmit_period = 10;
	r->retransmit_number = 1;
	node_set(s->ks, p);
	s->hold = true;
	send_rekey(s);
	world_pass(s->w, SECONDS(19));
	assert_false(node_logged(s->ks, "KS_REKEY_NO_ACK"));
	world_pass(s->w, SECONDS(3));
	assert_true(node_logged(s->ks, "%GDOI-4-KS_REKEY_NO_ACK: GM 10.1.23.3"));
	scene_free(s);
}

/* A rekey that deletes the KEK it came under is acknowledged, and the server still knows it. */
static void
rfc8263_6_deleted_kek_is_acknowledged(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	assert_true(core_ks_clear_members(s->ks->core, NULL, false, s->w->now));
	world_drain(s->ks);
	world_pass(s->w, SECONDS(9));
	assert_int_equal(s->acks, 1);
	assert_false(node_logged(s->ks, "KS_REKEY_ACK_REFUSED"));
	assert_int_equal(give_answer(s, s->ack.bytes, s->ack.n), DROP_REPEAT);
	/* it is not told again */
	world_pass(s->w, SECONDS(60));
	assert_int_equal(s->acks, 1);
	assert_int_equal(s->ks->core->kss[0]->pushed.retransmits, 0);
	assert_true(node_registered(s->gm));
	scene_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc8263_3_what_is_sent),
	    cmocka_unit_test(rfc8263_3_2_key_and_hash),
	    cmocka_unit_test(rfc8263_3_4_identity_with_a_port_is_refused),
	    cmocka_unit_test(rfc8263_5_duplicates_cost_nothing),
	    cmocka_unit_test(rfc8263_6_within_five_seconds),
	    cmocka_unit_test(rfc8263_6_not_missing_before_ten_seconds),
	    cmocka_unit_test(rfc8263_6_deleted_kek_is_acknowledged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
