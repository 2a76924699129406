/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rekeys of another kind of server that a member refuses, each as a whole: nothing changes, nothing
 * is acknowledged, the log says why, and the member registers again (RFC 6407 4, 5).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/protocol/scene.h"

static const struct policy_maker gcm = {.suite = {CIPHER_GCM_256, HASH_NONE}};

static void
check_refused(struct scene *s, struct forge *take_f, const char *why)
{
	unsigned count = s->gm->dp.count;
	uint32_t seq = take_f->seq, lab = sends_with(s->gm, LAB);
	struct forge *f;

	s->gm->log_n = 0;
	s->acks = 0;
	assert_int_equal(forge_push(take_f, s->gm), DROP_POLICY);
	assert_int_equal(s->gm->dp.count, count);
	if (!node_logged(s->gm, why))
		fail_msg("not said: %s", why);
	world_pass(s->w, SECONDS(6));
	assert_int_equal(s->acks, 0);
	assert_int_equal(sends_with(s->gm, LAB), lab);
	/* its number is still free, and the next one is taken */
	f = forge_new(s->gm);
	assert_int_equal(f->seq, seq);
	forge_sat(f, 0x4000 + count, LAB);
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	assert_int_equal(sends_with(s->gm, LAB), 0x4000 + count);
	world_pass(s->w, SECONDS(5));
	assert_int_equal(s->acks, 1);
	world_pass(s->w, SECONDS(20));
	assert_true(node_logged(s->gm, "%GDOI-5-GM_REGS_COMPL")); /* it has asked */
}

static void
rfc4303_2_1_reserved_spi_is_refused(void **state)
{
	static const uint32_t spis[] = {0, 1, 255};
	struct scene *s = scene_new(&usual);
	struct forge *f;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(spis); i++) {
		f = forge_new(s->gm);
		forge_sat(f, 0x1001, NEW);
		forge_sat(f, spis[i], LAB);
		check_refused(s, f, "an SPI that is reserved");
	}
	scene_free(s);
}

static void
rfc6407_5_refusals_say_why(void **state)
{
	struct scene *s = scene_new(&usual);
	struct forge *f;

	(void)state;
	f = forge_new(s->gm);
	forge_sat(f, 0x1001, LAB)->protocol = GDOI_PROTO_AH;
	check_refused(s, f, "refused: AH, which we do not support");
	for (uint16_t i = 1; i < 6; i++) {
		if (i == 4)
			continue;
		f = forge_new(s->gm);
		forge_sat(f, 0x1001, LAB)->address_preservation = i;
		check_refused(s, f,
		              "refused: address preservation other than source and destination");
	}
	f = forge_new(s->gm);
	forge_sat(f, 0x1001, LAB);
	f->sa.situation = 1;
	check_refused(s, f, "refused: an SA payload with a situation");
	f = forge_new(s->gm);
	forge_sak(f, s->gm, true)->management = 2;
	check_refused(s, f, "refused: a KEK management algorithm");
	f = forge_new(s->gm);
	forge_sak(f, s->gm, true)->proto = 6;
	check_refused(s, f, "refused: rekeys by another protocol than UDP");
	f = forge_new(s->gm);
	forge_sat(f, 0x1001, LAB);
	f->kd.n = 0;
	f->kd.keys[f->kd.n++] =
	    (struct gdoi_key){.type = KD_TEK, .spi = SPAN("none", 4), .key = SPAN("k", 1)};
	check_refused(s, f, "refused: a key is missing");
	/* 5.6.4: one identifier for all members would be one nonce for all */
	f = forge_new(s->gm);
	forge_sat(f, 0x1001, LAB);
	f->kd.keys[f->kd.n++] =
	    (struct gdoi_key){.type = KD_SID, .sid_bits = 24, .n_sids = 1, .sids = {9}};
	check_refused(s, f, "refused: a sender identifier in a rekey");
	scene_free(s);
}

/* A key to verify with that is none would show only when the next rekey comes. */
static void
rfc6407_5_6_2_2_public_key_that_is_none(void **state)
{
	struct scene *s = scene_new(&usual);
	struct forge *f = forge_new(s->gm);

	(void)state;
	forge_sak(f, s->gm, true);
	f->kd.keys[0].auth = SPAN(forge_keys, 32);
	check_refused(s, f, "a public key that is none");
	scene_free(s);
}

static void
rfc6407_4_2_header_of_a_rekey(void **state)
{
	struct scene *s = scene_new(&usual);
	struct forge *f = forge_new(s->gm);
	uint8_t buf[2048];
	size_t n;

	(void)state;
	forge_sat(f, 0x1001, LAB);
	n = forge_message(f, s->gm, buf, sizeof(buf));
	free(f);
	buf[17] = 0x11; /* version 1.1 */
	assert_int_equal(forge_deliver(s->gm, buf, n), DROP_VERSION);
	buf[17] = ISAKMP_VERSION;
	memset(buf + n, 0, 8); /* longer than its header says: RFC 2408 5.1 */
	assert_int_equal(forge_deliver(s->gm, buf, n + 8), DROP_LENGTH);
	assert_int_equal(forge_deliver(s->gm, buf, n), DROP_NONE);
	scene_free(s);
}

static struct gdoi_sat *
counter_sat(struct forge *f, uint32_t spi, const char *src, const char *dst)
{
	struct gdoi_sat *sat = forge_sat(f, spi, src, dst);

	sat->transform = ESP_AES_GCM_16;
	sat->suite = (struct esp_suite){CIPHER_GCM_256, HASH_NONE};
	f->kd.keys[f->kd.n - 1].key = SPAN(forge_keys, 36);
	f->kd.keys[f->kd.n - 1].auth = SPAN(NULL, 0);
	return sat;
}

/* A member whose registration brought no identifier, since no counter mode was in use. */
static void
rfc6407_4_4_counter_mode_without_identifier_is_not_installed(void **state)
{
	struct scene *s = scene_new(&usual);
	struct forge *f = forge_new(s->gm);

	(void)state;
	counter_sat(f, 0x1001, LAB);
	check_refused(s, f,
	              "refused: a counter mode, for which this member has no sender identifier");
	/* to receive, none is needed */
	f = forge_new(s->gm);
	counter_sat(f, 0x1002, NEW)->direction = DIRECTION_RECEIVE;
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	assert_int_equal(sends_with(s->gm, NEW), 0);
	assert_true(receives_under(s->gm, 0x1002));
	scene_free(s);
	/* with one it goes on under it */
	s = scene_new(&gcm);
	f = forge_new(s->gm);
	counter_sat(f, 0x1001, LAB);
	assert_int_equal(forge_push(f, s->gm), DROP_NONE);
	assert_int_equal(sends_with(s->gm, LAB), 0x1001);
	scene_free(s);
}

static void
rfc6407_5_9_malformed_deletions(void **state)
{
	static const uint8_t zero[16] = {0};
	struct scene *s = scene_new(&usual);
	struct forge *f;

	(void)state;
	f = forge_new(s->gm);
	forge_delete(f, GDOI_PROTO_ESP, 4, zero);
	f->deletes[0].doi = 1;
	check_refused(s, f, "refused: a Delete payload that is not GDOI's");
	f = forge_new(s->gm);
	forge_delete(f, 0, 16, zero);
	f->deletes[0].n = 0;
	f->deletes[0].spis.n = 0;
	check_refused(s, f, "refused: a Delete payload that names nothing");
	f = forge_new(s->gm);
	forge_delete(f, GDOI_PROTO_ESP, 16, zero);
	check_refused(s, f, "refused: a Delete payload with SPIs of the wrong size");
	f = forge_new(s->gm);
	forge_delete(f, 0, 4, "abcd");
	check_refused(s, f, "refused: a Delete payload with SPIs of the wrong size");
	f = forge_new(s->gm);
	forge_delete(f, 77, 4, zero);
	check_refused(s, f, "refused: a Delete payload of a protocol we do not know");
	/* refused with the policy beside it, as a whole */
	f = forge_new(s->gm);
	forge_delete(f, GDOI_PROTO_ESP, 4, zero);
	forge_sat(f, 1, LAB);
	check_refused(s, f, "an SPI that is reserved");
	scene_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc4303_2_1_reserved_spi_is_refused),
	    cmocka_unit_test(rfc6407_5_refusals_say_why),
	    cmocka_unit_test(rfc6407_5_6_2_2_public_key_that_is_none),
	    cmocka_unit_test(rfc6407_4_2_header_of_a_rekey),
	    cmocka_unit_test(rfc6407_4_4_counter_mode_without_identifier_is_not_installed),
	    cmocka_unit_test(rfc6407_5_9_malformed_deletions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
