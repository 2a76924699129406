/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counter modes in the userspace dataplane (RFC 4106, 4543, 6054): the bytes themselves, the IV
 * with its sender identifier, and that no nonce is ever made twice.
 */
#include "tests/unit/esp.h"

/* Computed with another implementation (Python's cryptography) over the same packet. */
static const struct {
	enum cipher_id cipher;
	uint8_t sealed[44]; /* what follows the IV */
} known[] = {
    {CIPHER_GCM_128,
     {0x72, 0x0b, 0x51, 0x05, 0xa3, 0xf2, 0x58, 0x21, 0x47, 0x3a, 0xb1, 0x52, 0xb8, 0x85, 0xe5,
      0x6b, 0xf9, 0xda, 0x01, 0x49, 0x0e, 0xae, 0xdb, 0xf5, 0x18, 0x2f, 0xc4, 0x22, 0x91, 0x30,
      0xe6, 0x9b, 0x0a, 0xd7, 0x8f, 0xe7, 0xcf, 0x2c, 0x90, 0xa5, 0x53, 0x60, 0xbf, 0xdb}},
    {CIPHER_GMAC_256,
     {0x45, 0x28, 0x00, 0x18, 0x00, 0x4d, 0x00, 0x00, 0x3f, 0x63, 0xf2, 0xb6, 0xc0, 0xa8, 0x03,
      0x03, 0xc0, 0xa8, 0x04, 0x04, 0x6c, 0x8b, 0xaa, 0xc9, 0x01, 0x02, 0x02, 0x04, 0x31, 0x54,
      0x86, 0xf1, 0x8d, 0x72, 0xa1, 0x2f, 0xec, 0xaf, 0xd4, 0x37, 0xae, 0xb1, 0x59, 0x61}},
};

static void
test_bytes(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		struct dp_sa sa = sa_of(0x01020304, known[i].cipher, HASH_NONE);
		struct buffer b;
		struct member m;
		const uint8_t *p;

		member_init(&m);
		set_sas(&m, &sa, 1);
		packet_init(&b, A, B, 99, 24);
		assert_int_equal(send_out(&m, &b), ESP_DONE);
		p = packet_data(&b.pkt);
		assert_int_equal(b.pkt.n, 20 + 8 + 8 + sizeof(known[i].sealed));
		assert_memory_equal(p + 20, "\1\2\3\4\0\0\0\1", 8);
		assert_memory_equal(p + 28, "\0\0\7\0\0\0\0\1", 8); /* 7 in 24 bits, then 1 */
		assert_memory_equal(p + 36, known[i].sealed, sizeof(known[i].sealed));
		member_fini(&m);
	}
}

/* One bit turned anywhere behind the SPI, IV and ICV too, or the packet cut: refused. */
static void
test_tamper(void **state)
{
	static const enum cipher_id ciphers[] = {CIPHER_GCM_256, CIPHER_GMAC_128};
	size_t c, i;

	(void)state;
	for (c = 0; c < ARRAY_SIZE(ciphers); c++) {
		struct dp_sa sa = sa_of(0x1000, ciphers[c], HASH_NONE);
		struct buffer b, bad;
		struct member m;

		member_init(&m);
		set_sas(&m, &sa, 1);
		packet_init(&b, A, B, 99, 100);
		assert_int_equal(send_out(&m, &b), ESP_DONE);
		for (i = 24; i < b.pkt.n; i++) {
			bad = b;
			bad.pkt.buf = bad.bytes;
			packet_data(&bad.pkt)[i] ^= (uint8_t)(1 << i % 8);
			assert_int_equal(take_in(&m, &bad), ESP_DROP);
		}
		for (i = 20; i < b.pkt.n; i++) {
			bad = b;
			bad.pkt.buf = bad.bytes;
			bad.pkt.n = i;
			packet_put16(packet_data(&bad.pkt) + 2, (uint16_t)i);
			ip4_refresh(packet_data(&bad.pkt));
			assert_int_equal(take_in(&m, &bad), ESP_DROP);
		}
		assert_int_equal(take_in(&m, &b), ESP_DONE);
		assert_int_equal(take_in(&m, &b),
		                 ESP_DROP); /* the window is there without an HMAC */
		assert_int_equal(stat_of(&m).sas[0].replay_drops, 1);
		member_fini(&m);
	}
}

static uint64_t
iv_sent(struct member *m)
{
	struct buffer b;
	const uint8_t *p;

	packet_init(&b, A, B, 99, 40);
	assert_int_equal(send_out(m, &b), ESP_DONE);
	p = packet_data(&b.pkt) + 28;
	return (uint64_t)packet_get32(p) << 32 | packet_get32(p + 4);
}

/*
 * Identifiers of every size; and through everything that happens to an SA (set again, another
 * identifier, gone and back, another beside it) the IVs under one key go up or change identifier.
 */
static void
rfc6054_3_identifiers_of_every_length(void **state)
{
	static const uint8_t sizes[] = {1, 8, 12, 16, 24, 32};
	struct dp_sa sa = sa_of(0x1000, CIPHER_GCM_128, HASH_NONE), other;
	struct dp_sa both[2];
	struct member m;
	uint64_t last;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		member_init(&m);
		sa.sid_bits = sizes[i];
		sa.sid = (uint32_t)(((uint64_t)1 << sizes[i]) - 1);
		set_sas(&m, &sa, 1);
		assert_true(iv_sent(&m) == ((uint64_t)sa.sid << (64 - sizes[i]) | 1));
		member_fini(&m);
	}
	member_init(&m);
	sa.sid = 1;
	sa.sid_bits = 24;
	sa.start = 1000;
	set_sas(&m, &sa, 1);
	last = iv_sent(&m);
	assert_true(last == ((uint64_t)1 << 40 | 1001));
	sa.start = 5; /* counts on, whatever it is told */
	set_sas(&m, &sa, 1);
	assert_true(iv_sent(&m) == last + 1);
	set_sas(&m, NULL, 0);
	set_sas(&m, &sa, 1); /* gone and back */
	assert_true(iv_sent(&m) == last + 2);
	m.dp->ops->clear(m.dp, "G");
	set_sas(&m, &sa, 1);
	assert_true(iv_sent(&m) == last + 3);
	sa.sid = 2; /* registered again */
	set_sas(&m, &sa, 1);
	assert_true(iv_sent(&m) == ((uint64_t)2 << 40 | 1005));
	other = sa_of(0x2000, CIPHER_GCM_128, HASH_NONE);
	other.sid = 2;
	both[0] = sa;
	both[1] = other;
	both[0].send = false;
	set_sas(&m, both, 2);
	assert_true(iv_sent(&m) == ((uint64_t)2 << 40 | 1)); /* another key begins anew */
	both[0].send = true;
	both[1].send = false;
	set_sas(&m, both, 2);
	assert_true(iv_sent(&m) == ((uint64_t)2 << 40 | 1006));
	member_fini(&m);
}

/* Without an identifier nothing is sent, and one that does not fit is not taken. */
static void
rfc6407_5_6_4_nothing_is_sent_without_an_identifier(void **state)
{
	struct dp_sa sa = sa_of(0x1000, CIPHER_GCM_256, HASH_NONE), full = sa;
	struct dp_group g = group_of(&sa, 1);
	struct member m, sender;
	struct buffer b;

	(void)state;
	member_init(&m);
	member_init(&sender);
	sa.sid_bits = 0;
	set_sas(&m, &sa, 1);
	set_sas(&sender, &full, 1);
	packet_init(&b, A, B, 99, 40);
	assert_int_equal(send_out(&m, &b), ESP_DROP);
	assert_int_equal(stat_of(&m).entries[1].send_errors, 1);
	assert_int_equal(send_out(&sender, &b), ESP_DONE);
	assert_int_equal(take_in(&m, &b), ESP_DONE); /* it can still hear */
	sa.sid_bits = 8;
	sa.sid = 256;
	assert_int_equal(m.dp->ops->set(m.dp, &g), -22);
	sa.sid_bits = 33;
	assert_int_equal(m.dp->ops->set(m.dp, &g), -22);
	sa = full;
	sa.suite.auth = HASH_SHA1; /* two integrities */
	sa.auth_key = SPAN(keys, 20);
	assert_int_equal(m.dp->ops->set(m.dp, &g), -22);
	sa = full;
	sa.enc_key.n -= 4; /* no salt */
	assert_int_equal(m.dp->ops->set(m.dp, &g), -22);
	assert_non_null(dp_sa_needs_userspace(&full));
	full.send = false;
	assert_null(dp_sa_needs_userspace(&full));
	member_fini(&m);
	member_fini(&sender);
}

/*
 * The numbers of an SA end: it sends nothing more, neither in clear nor under a number used before.
 */
static void
rfc6054_5_an_sa_stops_at_its_last_number(void **state)
{
	static const uint8_t sizes[] = {8, 12, 16, 24, 32};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct dp_sa sa = sa_of(0x1000, CIPHER_GCM_128, HASH_NONE);
		struct member m;
		struct buffer b;
		uint64_t prefix;

		sa.sid = 5;
		sa.sid_bits = sizes[i];
		sa.start = UINT32_MAX - 2;
		prefix = (uint64_t)5 << (64 - sizes[i]);
		member_init(&m);
		set_sas(&m, &sa, 1);
		assert_true(iv_sent(&m) == (prefix | (UINT32_MAX - 1)));
		assert_true(iv_sent(&m) == (prefix | UINT32_MAX));
		packet_init(&b, A, B, 99, 40);
		assert_int_equal(send_out(&m, &b), ESP_DROP);
		set_sas(&m, &sa, 1); /* set again, gone and back: it is still at its end */
		set_sas(&m, NULL, 0);
		set_sas(&m, &sa, 1);
		packet_init(&b, A, B, 99, 40);
		assert_int_equal(send_out(&m, &b), ESP_DROP);
		member_fini(&m);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc6054_5_an_sa_stops_at_its_last_number),
	    cmocka_unit_test(test_bytes),
	    cmocka_unit_test(test_tamper),
	    cmocka_unit_test(rfc6054_3_identifiers_of_every_length),
	    cmocka_unit_test(rfc6407_5_6_4_nothing_is_sent_without_an_identifier),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
