/* SPDX-License-Identifier: Apache-2.0 */
/* LKH key packets on the wire (RFC 6407 5.6.3): written, read back, and cut anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/wire/gdoi.h"
#include "tests/unit/hex.h"

/* A block of exactly its size, so that a sanitizer sees a step past its end. */
static bool
check_exactly(struct span s)
{
	uint8_t *block = malloc(s.n ? s.n : 1);
	bool ok;

	memcpy(block, s.p, s.n);
	ok = gdoi_lkh_check(SPAN(block, s.n));
	free(block);
	return ok;
}

#define KEY_1 "0001 03 00 00000000 00000000 00000007 a0a1a2a3a4a5a6a7 b0b1b2b3b4b5b6b7"
#define KEY_2 "0801 03 00 00000001 00000002 00000008 c0c1c2c3c4c5c6c7 d0d1d2d3d4d5d6d7"

static const char download[] = "0001 0044 01 0002 00" KEY_1 KEY_2;
static const char update[] = "0002 002c 01 0001 00 0002 0000 00000005" KEY_2;

static void
rfc6407_5_6_3_1_download_array(void **state)
{
	struct rd r = rd_span(hex_span(download));
	struct gdoi_lkh a;
	uint8_t buf[128];
	struct wr w = wr_buf(buf, sizeof(buf));

	(void)state;
	assert_true(gdoi_lkh_next(&r, &a));
	assert_int_equal(a.type, LKH_DOWNLOAD_ARRAY);
	assert_int_equal(a.array.n, 2);
	assert_int_equal(a.array.keys[0].id, 1);
	assert_int_equal(a.array.keys[0].type, 3);
	assert_int_equal(a.array.keys[0].handle, 7);
	assert_int_equal(a.array.keys[0].data.n, 16);
	assert_int_equal(a.array.keys[0].data.p[8], 0xb0);
	assert_int_equal(a.array.keys[1].id, 0x801);
	assert_int_equal(a.array.keys[1].created, 1);
	assert_int_equal(a.array.keys[1].expires, 2);
	assert_int_equal(a.array.keys[1].data.p[15], 0xd7);
	assert_false(gdoi_lkh_next(&r, &a));
	assert_true(rd_done(&r));
	r = rd_span(hex_span(download));
	assert_true(gdoi_lkh_next(&r, &a));
	gdoi_lkh_put_download(&w, a.array.keys, a.array.n);
	assert_int_equal(w.n, hex_span(download).n);
	assert_memory_equal(buf, hex_span(download).p, w.n);
}

static void
rfc6407_5_6_3_2_update_array(void **state)
{
	struct rd r = rd_span(hex_span(update));
	struct gdoi_lkh a;
	uint8_t buf[128];
	struct wr w = wr_buf(buf, sizeof(buf));

	(void)state;
	assert_true(gdoi_lkh_next(&r, &a));
	assert_int_equal(a.type, LKH_UPDATE_ARRAY);
	assert_int_equal(a.array.id, 2);
	assert_int_equal(a.array.handle, 5);
	assert_int_equal(a.array.n, 1);
	assert_int_equal(a.array.keys[0].id, 0x801);
	gdoi_lkh_put_update(&w, a.array.id, a.array.handle, a.array.keys, a.array.n);
	assert_int_equal(w.n, hex_span(update).n);
	assert_memory_equal(buf, hex_span(update).p, w.n);
}

/* Every attribute whole or not at all, wherever the octets end. */
static void
rfc6407_5_6_3_cut_anywhere(void **state)
{
	const struct span d = hex_span(download), u = hex_span(update);
	size_t i;

	(void)state;
	assert_true(check_exactly(d) && check_exactly(u));
	for (i = 1; i < d.n; i++)
		assert_false(check_exactly(SPAN(d.p, i)));
	for (i = 1; i < u.n; i++)
		assert_false(check_exactly(SPAN(u.p, i)));
}

static void
rfc6407_5_6_3_malformed(void **state)
{
	static const struct {
		const char *what, *bytes;
	} wrong[] = {
	    {"version 2", "0001 0024 02 0001 00" KEY_1},
	    {"no keys", "0001 0004 01 0000 00"},
	    {"more keys than there are", "0001 0024 01 0002 00" KEY_1},
	    {"more keys than a path has", "0001 0024 01 0021 00" KEY_1},
	    {"keys that do not divide", "0001 0045 01 0002 00" KEY_1 KEY_2 "00"},
	    {"a key without data", "0001 0014 01 0001 00 0001 03 00 00000000 00000000 "
	                           "00000007"},
	    {"an update without its key", "0002 0008 01 0001 00 0002 0000"},
	    {"an array as a basic attribute", "8001 0001"},
	    {"a public key as a basic attribute", "8003 0001"},
	    {"two downloads", "0001 0024 01 0001 00" KEY_1 "0001 0024 01 0001 00" KEY_1},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		if (check_exactly(hex_span(wrong[i].bytes)))
			fail_msg("taken: %s", wrong[i].what);
	/* What a later RFC may add is passed over; updates may be any number. */
	assert_true(check_exactly(hex_span("8063 0001 0064 0001 ff")));
	assert_true(check_exactly(hex_span("0002 002c 01 0001 00 0002 0000 00000005" KEY_2
	                                   "0002 002c 01 0001 00 0003 0000 00000006" KEY_2)));
}

/* In a KD payload: the packet comes whole, and there MUST be only one of them. */
static void
rfc6407_5_6_3_one_packet(void **state)
{
	static const char one[] = "0001 0000  03 00 0055 10 00112233445566778899aabbccddeeff"
				  "0001 0024 01 0001 00" KEY_1 "0003 0004 01020304";
	static const char two[] = "0002 0000  03 00 0009 04 00112233  03 00 0009 04 00112233";
	static const char keks[] = "0002 0000  02 00 0009 04 00112233  02 00 0009 04 00112233";
	struct gdoi_kd *kd = x_alloc(sizeof(*kd));
	struct span in = hex_span(one);
	uint8_t buf[256], copy[256];
	struct wr w = wr_buf(buf, sizeof(buf));
	struct gdoi_lkh a;
	struct rd r;

	(void)state;
	memcpy(copy, in.p, in.n);
	copy[7] = (uint8_t)(in.n - 4); /* the packet's length */
	assert_true(gdoi_kd_get(SPAN(copy, in.n), kd));
	assert_int_equal(kd->n, 1);
	assert_int_equal(kd->keys[0].type, KD_LKH);
	assert_int_equal(kd->keys[0].spi.n, 16);
	r = rd_span(kd->keys[0].lkh);
	assert_true(gdoi_lkh_next(&r, &a) && a.type == LKH_DOWNLOAD_ARRAY);
	assert_true(gdoi_lkh_next(&r, &a) && a.type == LKH_SIG_ALGORITHM_KEY);
	assert_int_equal(a.sig_key.n, 4);
	gdoi_kd_put(&w, kd);
	assert_int_equal(w.n, in.n);
	assert_memory_equal(buf, copy, in.n);
	copy[28] = 2; /* the array's version: the whole payload is refused */
	copy[29] = 9;
	assert_false(gdoi_kd_get(SPAN(copy, in.n), kd));
	assert_false(gdoi_kd_get(hex_span(two), kd));
	assert_false(gdoi_kd_get(hex_span(keks), kd));
	free(kd);
}

/* KEK_MANAGEMENT_ALGORITHM is read, whatever it says, and written where it is said. */
static void
rfc6407_5_3_1_management_algorithm(void **state)
{
	struct gdoi_sa *sa = x_alloc(2 * sizeof(*sa));
	uint8_t buf[256];
	struct wr w = wr_buf(buf, sizeof(buf));

	(void)state;
	sa->doi = DOI_GDOI;
	sa->has_sak = true;
	sa->sak = (struct gdoi_sak){.proto = 17,
	                            .src = gdoi_end_of(0x0a010101, UINT32_MAX, 848),
	                            .dst = gdoi_end_of(0xef010101, UINT32_MAX, 848),
	                            .cipher = CIPHER_AES_128,
	                            .sig_hash = HASH_SHA256,
	                            .sig_algorithm = SIG_ALG_RSA,
	                            .ack = KEK_ACK_LKH_SHA256,
	                            .management = KEK_MANAGEMENT_LKH};
	gdoi_sa_put(&w, sa);
	assert_true(gdoi_sa_get(wr_done(&w), sa + 1));
	assert_int_equal(sa[1].sak.management, KEK_MANAGEMENT_LKH);
	assert_int_equal(sa[1].sak.ack, KEK_ACK_LKH_SHA256);
	assert_int_equal(sa[1].sak.cipher, CIPHER_AES_128);
	free(sa);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc6407_5_6_3_1_download_array),
	    cmocka_unit_test(rfc6407_5_6_3_2_update_array),
	    cmocka_unit_test(rfc6407_5_6_3_cut_anywhere),
	    cmocka_unit_test(rfc6407_5_6_3_malformed),
	    cmocka_unit_test(rfc6407_5_6_3_one_packet),
	    cmocka_unit_test(rfc6407_5_3_1_management_algorithm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
