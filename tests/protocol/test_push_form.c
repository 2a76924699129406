/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a key server's rekeys look like (RFC 6407 4, 5.9), opened with the server's own key; and the
 * policy it tells who comes while a rekey's delays run (5.4).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"
#include "runtime/core/ks.h"
#include "runtime/core/push.h"
#include "runtime/wire/gdoi.h"
#include "tests/protocol/world.h"

static const struct policy_maker usual = {.tek_lifetime = 600, .kek_lifetime = 2000};

struct opened {
	uint8_t bytes[4096];
	struct isakmp_header header;
	struct isakmp_payloads payloads;
	struct gdoi_sa sa;
	struct gdoi_kd kd;
	uint32_t seq;
	size_t n_deletes;
	struct isakmp_delete deletes[2];
};

static struct world *world;
static struct node_under_test *ks, *gm;
static struct ks_rekey_sa under; /* that the next push comes under */
static enum cipher_id cipher;
static struct opened *last; /* NULL: none has been sent */

static void
open_push(const struct packet *p)
{
	struct opened *o = last ? last : x_alloc(sizeof(*o));

	last = o;
	memset(o, 0, sizeof(*o));
	assert_true(p->n < sizeof(o->bytes));
	memcpy(o->bytes, p->bytes, p->n);
	assert_true(isakmp_header_get(SPAN(o->bytes, p->n), &o->header));
	assert_memory_equal(o->bytes, under.spi, 16);
	assert_true(push_crypt(cipher, &under.key, false, o->bytes + 28, p->n - 28));
	assert_true(isakmp_payloads_get(o->header.next, SPAN(o->bytes + 28, p->n - 28), true,
	                                &o->payloads));
	for (size_t i = 0; i < o->payloads.n; i++) {
		struct span body = o->payloads.at[i].body;

		switch (o->payloads.at[i].type) {
		case PAYLOAD_SEQ:
			assert_true(gdoi_seq_get(body, &o->seq));
			break;
		case PAYLOAD_DELETE:
			assert_true(isakmp_delete_get(body, &o->deletes[o->n_deletes++]));
			break;
		case PAYLOAD_SA:
			assert_true(gdoi_sa_get(body, &o->sa));
			break;
		case PAYLOAD_KD:
			assert_true(gdoi_kd_get(body, &o->kd));
			break;
		}
	}
}

static unsigned
watch_push(struct world *w, struct packet *p)
{
	(void)w;
	if (p->n > 28 && p->bytes[18] == 33)
		open_push(p);
	return 1;
}

static void
know_kek(void)
{
	const struct ks_kek *kek = &ks->core->kss[0]->kek;

	secret_fini(&under.key);
	under = kek->sas[KS_OURS];
	under.key = (struct secret){0};
	secret_copy(&under.key, secret_span(&kek->sas[KS_OURS].key));
	cipher = kek->cipher;
}

static void
begin_world(const struct policy_maker *m)
{
	world = world_new();
	ks = world_server(world, m);
	gm = world_member(world, m, "10.1.23.3");
	world_pass(world, SECONDS(3));
	assert_true(node_registered(gm));
	world->fault = watch_push;
	know_kek();
}

static void
end_world(void)
{
	secret_fini(&under.key);
	free(last);
	last = NULL;
	world_free(world);
}

/* The payloads, by type, and that they stand in this order. */
static void
check_order(const uint8_t *types, size_t n)
{
	assert_non_null(last);
	assert_int_equal(last->header.exchange, 33);
	assert_int_equal(last->header.flags, FLAG_ENCRYPTION);
	assert_int_equal(last->header.message_id, 0);
	assert_int_equal(last->payloads.n, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(last->payloads.at[i].type, types[i]);
}

#define ORDER(...)                                                                                 \
	check_order((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

/* A successor of the TEK: no KEK is told. */
static void
test_rfc6407_4_3_a_new_tek(void **state)
{
	(void)state;
	begin_world(&usual);
	world_pass(world, SECONDS(500));
	ORDER(PAYLOAD_SEQ, PAYLOAD_SA, PAYLOAD_KD, PAYLOAD_SIG);
	assert_int_equal(last->seq, 1);
	assert_false(last->sa.has_sak);
	assert_int_equal(last->sa.n_sats, 1 + 2); /* a deny; the permit under old and new key */
	assert_true(last->sa.has_gap && last->sa.gap.whole);
	assert_int_equal(last->kd.n, 2);
	assert_true(last->kd.keys[0].type == KD_TEK && last->kd.keys[1].type == KD_TEK);
	end_world();
}

/* A new KEK alone: no TEK is told of, and the first rekey under it has number 1. */
static void
test_rfc6407_4_3_a_new_kek_alone(void **state)
{
	const struct policy_maker m = {.tek_lifetime = 7200, .kek_lifetime = 600};

	(void)state;
	begin_world(&m);
	world_pass(world, SECONDS(370));
	ORDER(PAYLOAD_SEQ, PAYLOAD_SA, PAYLOAD_KD, PAYLOAD_SIG);
	assert_int_equal(last->seq, 1);
	assert_true(last->sa.has_sak);
	assert_false(last->sa.has_gap);
	assert_int_equal(last->sa.n_sats, 0);
	assert_int_equal(last->kd.n, 1);
	assert_int_equal(last->kd.keys[0].type, KD_KEK);
	assert_memory_not_equal(last->sa.sak.spi, under.spi, 16);
	know_kek();
	assert_memory_equal(last->sa.sak.spi, under.spi, 16);
	world_pass(world, SECONDS(370));
	assert_int_equal(last->seq, 1);
	assert_int_equal(gm->core->gms[0]->rekeys_received, 2);
	assert_int_equal(gm->core->gms[0]->successes, 1);
	end_world();
}

static void
one_delete(const struct isakmp_delete *d, uint8_t proto, uint8_t size, const void *spi)
{
	assert_int_equal(d->doi, DOI_GDOI);
	assert_int_equal(d->proto, proto);
	assert_int_equal(d->spi_size, size);
	assert_int_equal(d->n, 1);
	assert_int_equal(d->spis.n, size);
	assert_memory_equal(d->spis.p, spi, size);
}

static const uint8_t zero[16];

static void
test_rfc6407_5_9_replaced_teks_are_named(void **state)
{
	uint8_t spi[4];
	struct wr w = wr_buf(spi, sizeof(spi));

	(void)state;
	begin_world(&usual);
	wr_u32(&w, node_sender(gm)->spi);
	core_ks_rekey(ks->core, NULL, true, world->now);
	world_drain(ks);
	world_pass(world, 5);
	ORDER(PAYLOAD_SEQ, PAYLOAD_DELETE, PAYLOAD_SA, PAYLOAD_KD, PAYLOAD_SIG);
	one_delete(&last->deletes[0], GDOI_PROTO_ESP, 4, spi);
	end_world();
}

static void
test_rfc6407_5_9_a_clean_slate_is_spi_zero(void **state)
{
	(void)state;
	begin_world(&usual);
	core_ks_clear_members(ks->core, NULL, true, world->now);
	world_drain(ks);
	world_pass(world, 5);
	ORDER(PAYLOAD_SEQ, PAYLOAD_DELETE, PAYLOAD_DELETE, PAYLOAD_SIG);
	one_delete(&last->deletes[0], GDOI_PROTO_ESP, 4, zero);
	one_delete(&last->deletes[1], 0, 16, zero);
	end_world();
}

static void
test_rfc6407_5_9_the_kek_alone_is_protocol_0(void **state)
{
	(void)state;
	begin_world(&usual);
	core_ks_clear_members(ks->core, NULL, false, world->now);
	world_drain(ks);
	world_pass(world, 5);
	ORDER(PAYLOAD_SEQ, PAYLOAD_DELETE, PAYLOAD_SIG);
	one_delete(&last->deletes[0], 0, 16, under.spi);
	end_world();
}

/* RFC 8263 5: each time the KEK's policy is told, acknowledgements are asked for in it. */
static void
test_rfc8263_5_acks_are_asked_for_with_every_kek(void **state)
{
	(void)state;
	begin_world(&usual);
	core_ks_rekey(ks->core, NULL, false, world->now);
	world_drain(ks);
	world_pass(world, 5);
	assert_true(last->sa.has_sak);
	assert_int_equal(last->sa.sak.ack, KEK_ACK_KEK_SHA256);
	end_world();
}

/* --- GAP in a pull ---------------------------------------------------------------------------- */

static struct gdoi_gap
pulled_gap(enum ks_kind kind)
{
	static uint8_t bytes[4096];
	struct wr w = wr_buf(bytes, sizeof(bytes));
	struct gdoi_sa *sa = x_alloc(sizeof(*sa));
	struct ks_offer offer;
	struct gdoi_gap gap;

	core_expire(ks->core, world->now);
	world_drain(ks);
	assert_true(ks_sa_put(ks->core->kss[0], &w, addr_of("10.1.25.5"), kind, &offer));
	assert_true(gdoi_sa_get(wr_done(&w), sa));
	gap = sa->has_gap ? sa->gap : (struct gdoi_gap){0};
	free(sa);
	return gap;
}

static void
test_rfc6407_5_4_a_pull_tells_what_is_left_of_the_delays(void **state)
{
	struct policy_maker m = usual;
	struct node_under_test *late;
	uint32_t before;

	(void)state;
	m.activation = 30;
	m.deactivation = 60;
	begin_world(&m);
	assert_false(pulled_gap(KS_OURS).has_atd); /* the only key there is */
	before = node_sender(gm)->spi;
	core_ks_rekey(ks->core, NULL, false, world->now);
	world_drain(ks);
	world_pass(world, SECONDS(10));
	assert_true(pulled_gap(KS_OURS).has_atd && pulled_gap(KS_OTHERS).has_atd);
	assert_in_range(pulled_gap(KS_OURS).atd, 19, 20);
	assert_in_range(pulled_gap(KS_OTHERS).dtd, 49, 50);
	late = world_member(world, &m, "10.1.25.5");
	world_pass(world, SECONDS(2));
	assert_int_equal(node_sender(late)->spi, before); /* RFC 5374 4.2.1 */
	for (int i = 0; i < 120; i++) {
		assert_true(node_hears(gm, late) && node_hears(late, gm));
		world_pass(world, SECONDS(1));
	}
	assert_int_not_equal(node_sender(late)->spi, before);
	assert_false(pulled_gap(KS_OTHERS).has_atd || pulled_gap(KS_OTHERS).has_dtd);
	end_world();
}

/* A key that all members have deleted is not handed out. */
static void
test_rfc6407_5_4_after_deactivation_the_old_key_is_gone(void **state)
{
	struct policy_maker m = usual;
	struct node_under_test *late;

	(void)state;
	m.activation = 10;
	m.deactivation = 20;
	begin_world(&m);
	world_pass(world, SECONDS(480)); /* the successor came at 475 s; the old one had 125 s */
	world_pass(world, SECONDS(30));
	assert_int_equal(gm->dp.n_sas, 1);
	late = world_member(world, &m, "10.1.25.5");
	world_pass(world, SECONDS(2));
	assert_true(node_hears(gm, late) && node_hears(late, gm));
	end_world();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rfc6407_4_3_a_new_tek),
	    cmocka_unit_test(test_rfc6407_4_3_a_new_kek_alone),
	    cmocka_unit_test(test_rfc6407_5_9_replaced_teks_are_named),
	    cmocka_unit_test(test_rfc6407_5_9_a_clean_slate_is_spi_zero),
	    cmocka_unit_test(test_rfc6407_5_9_the_kek_alone_is_protocol_0),
	    cmocka_unit_test(test_rfc8263_5_acks_are_asked_for_with_every_kek),
	    cmocka_unit_test(test_rfc6407_5_4_a_pull_tells_what_is_left_of_the_delays),
	    cmocka_unit_test(test_rfc6407_5_4_after_deactivation_the_old_key_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
