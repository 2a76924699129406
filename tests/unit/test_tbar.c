/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time-based anti-replay in the userspace dataplane: the header's bytes, the window's edges, what
 * is old or of another clock is refused and logged, and a packet still fits where it fitted.
 */
#include "tests/unit/esp.h"

#define HOUR SECONDS(3600)

static struct dp_sa
timed_sa(enum cipher_id cipher, enum hash_id auth)
{
	struct dp_sa sa = sa_of(0x1000, cipher, auth);

	sa.window = 0;
	sa.time_window = 10;
	sa.pseudo_offset = SECONDS(600000);
	return sa;
}

/* In clear under a cipher that hides nothing: type, next header, time; then the packet. */
static void
test_header(void **state)
{
	struct dp_sa sa = timed_sa(CIPHER_NULL, HASH_SHA1);
	struct buffer b;
	struct member m;
	const uint8_t *p;

	(void)state;
	sa.pseudo_offset = (msec)0x0102030405 - 5;
	member_init(&m);
	set_sas(&m, &sa, 1);
	packet_init(&b, A, B, 99, 24);
	assert_int_equal(out_at(&m, &b, 6), ESP_DONE);
	p = packet_data(&b.pkt);
	assert_int_equal(b.pkt.n, 20 + 8 + 8 + 24 + 4 + 12);
	assert_memory_equal(p + 28, "\1\4\0\1\2\3\4\6", 8); /* tunnel: IPv4 follows */
	assert_memory_equal(p + 28 + 8 + 24, "\1\2\2\375", 4);
	member_fini(&m);
	sa.transport = true;
	member_init(&m);
	set_sas(&m, &sa, 1);
	packet_init(&b, A, B, 99, 24);
	assert_int_equal(out_at(&m, &b, 6), ESP_DONE);
	p = packet_data(&b.pkt);
	assert_memory_equal(p + 28, "\1\143\0\1\2\3\4\6", 8); /* 99 follows */
	member_fini(&m);
}

static const struct esp_suite suites[] = {
    /* clang-format off */
    {CIPHER_3DES,     HASH_SHA1},
    {CIPHER_AES_256,  HASH_SHA512},
    {CIPHER_NULL,     HASH_SHA256},
    {CIPHER_GCM_128,  HASH_NONE},
    {CIPHER_GMAC_256, HASH_NONE},
    /* clang-format on */
};

/* Every suite and mode; each size fits exactly where it is said to. */
static void
test_round_trip(void **state)
{
	struct buffer b, was;
	size_t i, n, mtu = 0, again;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(suites) * 2; i++) {
		struct dp_sa sa = timed_sa(suites[i / 2].cipher, suites[i / 2].auth);
		struct member m;

		sa.transport = i & 1;
		member_init(&m);
		set_sas(&m, &sa, 1);
		for (n = 60; n < 60 + 40; n++) {
			packet_init(&b, A, B, 99, n);
			was = b;
			assert_int_equal(out_at(&m, &b, 500), ESP_DONE);
			assert_int_equal(esp_input(m.port, &b.pkt, false, 700), ESP_DONE);
			assert_int_equal(b.pkt.n, n);
			assert_memory_equal(packet_data(&b.pkt), was.bytes + PACKET_HEADROOM, n);
		}
		packet_init(&b, A, B, 99, 1500);
		packet_put16(packet_data(&b.pkt) + 6, 0x4000); /* DF */
		ip4_refresh(packet_data(&b.pkt));
		assert_int_equal(esp_output(m.port, &b.pkt, false, 1500, &mtu, 0), ESP_TOO_BIG);
		packet_init(&b, A, B, 99, mtu);
		packet_put16(packet_data(&b.pkt) + 6, 0x4000);
		ip4_refresh(packet_data(&b.pkt));
		assert_int_equal(esp_output(m.port, &b.pkt, false, 1500, &again, 0), ESP_DONE);
		assert_true(b.pkt.n <= 1500);
		member_fini(&m);
	}
}

/* Exactly ten seconds on either side are taken; a millisecond more is not. */
static void
test_window(void **state)
{
	struct dp_sa sa = timed_sa(CIPHER_AES_128, HASH_SHA1);
	struct member m;
	struct buffer b;

	(void)state;
	member_init(&m);
	set_sas(&m, &sa, 1);
	packet_init(&b, A, B, 99, 100);
	assert_int_equal(out_at(&m, &b, SECONDS(100)), ESP_DONE);
	assert_int_equal(in_at(&m, &b, SECONDS(90)), ESP_DONE);
	assert_int_equal(in_at(&m, &b, SECONDS(110)), ESP_DONE); /* again, but in time */
	assert_int_equal(in_at(&m, &b, SECONDS(90) - 1), ESP_DROP);
	assert_int_equal(m.log.lines, 1);
	assert_int_equal(in_at(&m, &b, SECONDS(110) + 1), ESP_DROP);
	assert_int_equal(m.log.lines, 1); /* not again within a minute */
	assert_int_equal(stat_of(&m).sas[0].replay_drops, 2);
	assert_int_equal(stat_of(&m).sas[0].in_packets, 2);
	member_fini(&m);
}

/* A member's clock is an hour ahead: neither hears the other until its pseudotime is set again. */
static void
test_clock_jump(void **state)
{
	struct dp_sa sa = timed_sa(CIPHER_GCM_256, HASH_NONE), far = sa;
	struct member a, b;
	struct buffer p;

	(void)state;
	member_init(&a);
	member_init(&b);
	set_sas(&a, &sa, 1);
	far.sid = 8;
	set_sas(&b, &far, 1);
	packet_init(&p, A, B, 99, 100);
	assert_int_equal(out_at(&a, &p, SECONDS(6)), ESP_DONE);
	assert_int_equal(in_at(&b, &p, SECONDS(6) + HOUR), ESP_DROP);
	assert_string_equal(b.log.last,
	                    "%GDOI-4-TIMEBASED_REPLAY_FAILED: An anti replay check has failed in "
	                    "group G from sourceip-address "
	                    "192.168.3.3. my_pseudotime is 603606.00 secs, peer_pseudotime is "
	                    "600006.00 secs, replay_window is 10 (second)");
	packet_init(&p, B, A, 99, 100);
	assert_int_equal(out_at(&b, &p, SECONDS(6) + HOUR + 780), ESP_DONE);
	assert_int_equal(in_at(&a, &p, SECONDS(6)), ESP_DROP);
	assert_true(strstr(a.log.last, "peer_pseudotime is 603606.78 secs"));
	far.pseudo_offset -= HOUR; /* registered again */
	set_sas(&b, &far, 1);
	packet_init(&p, B, A, 99, 100);
	assert_int_equal(out_at(&b, &p, SECONDS(7) + HOUR), ESP_DONE);
	assert_int_equal(in_at(&a, &p, SECONDS(7)), ESP_DONE);
	member_fini(&a);
	member_fini(&b);
}

/* A header where none should be, none where one should be, one of another type: refused. */
static void
test_mixed(void **state)
{
	struct dp_sa with = timed_sa(CIPHER_NULL, HASH_SHA1), without = with;
	struct member a, b;
	struct buffer p;

	(void)state;
	without.time_window = 0;
	member_init(&a);
	member_init(&b);
	set_sas(&a, &with, 1);
	set_sas(&b, &without, 1);
	packet_init(&p, A, B, 99, 100);
	assert_int_equal(send_out(&a, &p), ESP_DONE);
	assert_int_equal(take_in(&b, &p), ESP_DROP);
	packet_init(&p, A, B, 99, 100);
	assert_int_equal(send_out(&b, &p), ESP_DONE);
	assert_int_equal(take_in(&a, &p), ESP_DROP);
	assert_int_equal(stat_of(&a).sas[0].other_errors, 1);
	assert_non_null(dp_sa_needs_userspace(&with));
	assert_null(dp_sa_needs_userspace(&without));
	with.send = false;
	assert_non_null(dp_sa_needs_userspace(&with));
	/* before the group's time began there is only zero */
	with.send = true;
	with.pseudo_offset = -HOUR;
	set_sas(&a, &with, 1);
	packet_init(&p, A, B, 99, 100);
	assert_int_equal(send_out(&a, &p), ESP_DONE);
	assert_memory_equal(packet_data(&p.pkt) + 30, "\0\0\0\0\0\0", 6);
	member_fini(&a);
	member_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_header), cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_window), cmocka_unit_test(test_clock_jump),
	    cmocka_unit_test(test_mixed),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
