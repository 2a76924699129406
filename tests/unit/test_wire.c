/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes to structs and back, where the recorded vectors do not go: tables of bytes and values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/wire/gdoi.h"
#include "tests/unit/hex.h"

static void
assert_written(const struct wr *w, const char *want)
{
	struct span s = hex_span(want);

	assert_false(w->bad);
	assert_int_equal(w->n, s.n);
	assert_memory_equal(w->buf, s.p, s.n);
}

/* --- cursors ---------------------------------------------------------------------------------- */

static void
test_reader(void **state)
{
	struct rd r = rd_span(hex_span("01 0203 04050607 08090a0b0c0d0e0f 10")), sub;

	(void)state;
	assert_int_equal(rd_u8(&r), 1);
	assert_int_equal(rd_u16(&r), 0x0203);
	assert_int_equal(rd_u32(&r), 0x04050607);
	assert_true(rd_u64(&r) == 0x08090a0b0c0d0e0f);
	assert_false(rd_done(&r)); /* one left */
	assert_int_equal(rd_u16(&r), 0);
	assert_true(r.bad);
	assert_int_equal(rd_u8(&r), 0); /* bad sticks, though an octet would be there */
	assert_false(rd_done(&r));
	assert_int_equal(rd_left(&r), 0);
	r = rd_span(hex_span("0102"));
	sub = rd_sub(&r, 3);
	assert_true(r.bad && sub.bad);
	assert_int_equal(rd_u8(&sub), 0);
	r = rd_span(SPAN(NULL, 0));
	assert_true(rd_done(&r));
}

static void
test_writer(void **state)
{
	uint8_t buf[8];
	struct wr w = wr_buf(buf, sizeof(buf));

	(void)state;
	wr_u16(&w, 0);
	wr_u32(&w, 0x01020304);
	wr_patch16(&w, 0, 0xabcd);
	assert_written(&w, "abcd 01020304");
	wr_u32(&w, 5); /* does not fit */
	assert_true(w.bad);
	wr_u8(&w, 1); /* sticks */
	assert_int_equal(wr_done(&w).n, 0);
	w = wr_buf(buf, sizeof(buf));
	wr_u16(&w, 0);
	wr_patch16(&w, 0, 65536);
	assert_true(w.bad);
	w = wr_buf(buf, sizeof(buf));
	wr_u8(&w, 0);
	wr_patch16(&w, 0, 1); /* reaches past what is written */
	assert_true(w.bad);
}

/* --- ISAKMP ----------------------------------------------------------------------------------- */

static void
test_header(void **state)
{
	static const struct {
		const char *bytes;
		bool ok;
	} table[] = {
	    {"0102030405060708 1112131415161718 01 10 02 00 00000005 0000001c", true},
	    {"0102030405060708 1112131415161718 01 10 02 00 00000005 0000001b", false},
	    {"0102030405060708 1112131415161718 01 10 02 00 00000005 0000001d", false},
	    {"0102030405060708 1112131415161718 01 10 02 00 00000005 ffffffff", false},
	    {"0102030405060708 1112131415161718 01 10 02 00 00000005 0000001c 00", true},
	    {"0102030405060708 1112131415161718 01 10 02 00 00000005 000000", false},
	};
	struct isakmp_header h;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (isakmp_header_get(hex_span(table[i].bytes), &h) != table[i].ok)
			fail_msg("header %zu", i);
	assert_true(isakmp_header_get(hex_span(table[0].bytes), &h));
	assert_int_equal(h.cookie_i[7], 8);
	assert_int_equal(h.cookie_r[0], 0x11);
	assert_int_equal(h.next, PAYLOAD_SA);
	assert_int_equal(h.version, ISAKMP_VERSION);
	assert_int_equal(h.exchange, EXCHANGE_MAIN);
	assert_int_equal(h.message_id, 5);
}

static void
rfc2408_3_2_chain_of_payloads(void **state)
{
	static const struct {
		uint8_t first;
		const char *bytes;
		bool padded, ok;
		size_t n;
	} table[] = {
	    {0, "", false, true, 0},
	    {0, "00", false, false, 0},
	    {10, "00000005 aa", false, true, 1},
	    {10, "00000004", false, true, 1},
	    {10, "0d000005 aa 00000004", false, true, 2},
	    {10, "00000005 aa 00", false, false, 0}, /* something left over */
	    {10, "00000005 aa 00", true, true, 1},   /* padding */
	    {10, "00000003 aa", false, false, 0},    /* shorter than its header */
	    {10, "00000000", false, false, 0},
	    {10, "00010005 aa", false, false, 0}, /* RESERVED */
	    {10, "00000006 aa", false, false, 0},
	    {10, "0d000005 aa", false, false, 0}, /* one more was promised */
	};
	struct isakmp_payloads p;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		bool ok = isakmp_payloads_get(table[i].first, hex_span(table[i].bytes),
		                              table[i].padded, &p);

		if (ok != table[i].ok || (ok && p.n != table[i].n))
			fail_msg("chain %zu", i);
	}
}

/* As many payloads as there may be, and one more. */
static void
test_chain_limit(void **state)
{
	uint8_t buf[4 * (ISAKMP_PAYLOADS_MAX + 1)];
	struct isakmp_payloads p;
	size_t n, i;

	(void)state;
	for (n = ISAKMP_PAYLOADS_MAX; n <= ISAKMP_PAYLOADS_MAX + 1; n++) {
		for (i = 0; i < n; i++)
			memcpy(buf + 4 * i, (uint8_t[]){i + 1 < n ? PAYLOAD_VID : 0, 0, 0, 4}, 4);
		assert_int_equal(isakmp_payloads_get(PAYLOAD_VID, SPAN(buf, 4 * n), false, &p),
		                 n <= ISAKMP_PAYLOADS_MAX);
	}
}

static void
rfc2408_3_3_attributes(void **state)
{
	static const struct {
		const char *bytes;
		bool ok;
		uint32_t number;
	} table[] = {
	    {"800c 0e10", true, 3600},
	    {"000c 0004 00015180", true, 86400},
	    {"000c 0002 0e10", true, 3600},
	    {"000c 0001 10", true, 16},
	    {"000c 0004 ffffffff", true, UINT32_MAX},
	    {"000c 0000", false, 0},
	    {"000c 0005 0000000001", false, 0}, /* more than four octets */
	};
	uint8_t buf[16];
	struct wr w = wr_buf(buf, sizeof(buf));
	struct attribute a;
	uint32_t number;
	struct rd r;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		r = rd_span(hex_span(table[i].bytes));
		number = 0;
		assert_true(attribute_get(&r, &a));
		assert_int_equal(a.type, 12);
		assert_int_equal(attribute_number(&a, &number), table[i].ok);
		assert_int_equal(number, table[i].number);
		assert_false(attribute_get(&r, &a));
		assert_true(rd_done(&r));
	}
	r = rd_span(hex_span("000c 0003 0000"));
	assert_false(attribute_get(&r, &a));
	assert_true(r.bad);
	attribute_put_number(&w, 12, 65535);
	attribute_put_number(&w, 12, 65536);
	assert_written(&w, "800cffff 000c0004 00010000");
}

#define P1_HEADER "00000002 00000000 "

static void
rfc2409_5_choice_is_written_as_it_was_offered(void **state)
{
	static const struct {
		const char *bytes;
		enum cipher_id cipher;
		enum hash_id hash;
		uint16_t group;
		uint32_t lifetime;
	} table[] = {
	    /* what IOS offers with nothing configured: lifetime in four octets */
	    {P1_HEADER "0000002c 01010001 00000024 01010000 80010001 80020002 80030001 80040001 "
	               "800b0001 000c0004 00015180",
	     CIPHER_DES, HASH_SHA1, 1, 86400},
	    {P1_HEADER "00000020 01010001 00000018 01010000 80010005 80020001 80030001 80040005",
	     CIPHER_3DES, HASH_MD5, 5, 0},
	    {P1_HEADER
	     "00000024 01010001 0000001c 01010000 80010007 80020006 80030001 80040015 800e0100",
	     CIPHER_AES_256, HASH_SHA512, 21, 0},
	    /* AES without its key length; lifetime in kilobytes */
	    {P1_HEADER "00000028 01010001 00000020 01010000 80010007 80020004 80030001 8004000e "
	               "800b0002 800c1000",
	     CIPHER_NULL, HASH_SHA256, 14, 0},
	    /* an attribute nobody knows: not ours to take, but well formed */
	    {P1_HEADER
	     "00000024 01010001 0000001c 01010000 80010001 80020002 80030001 80040001 ff000001",
	     CIPHER_NULL, HASH_SHA1, 1, 0},
	    /* a group that does not fit sixteen bits is not group 1 */
	    {P1_HEADER "00000024 01010001 0000001c 01010000 80010001 80020002 80030001 00040004 "
	               "00010001",
	     CIPHER_DES, HASH_SHA1, 0, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		struct span body = hex_span(table[i].bytes);
		struct phase1_sa sa;
		uint8_t buf[128];
		struct wr w = wr_buf(buf, sizeof(buf));

		if (!phase1_sa_get(body, &sa) || sa.n != 1)
			fail_msg("phase 1 SA %zu", i);
		assert_int_equal(sa.transforms[0].cipher, table[i].cipher);
		assert_int_equal(sa.transforms[0].hash, table[i].hash);
		assert_int_equal(sa.transforms[0].group, table[i].group);
		assert_int_equal(sa.transforms[0].lifetime, table[i].lifetime);
		/* The answer gives it back as it came, octet for octet. */
		phase1_sa_put(&w, &sa);
		assert_written(&w, table[i].bytes);
	}
}

static void
rfc2409_5_malformed_offers(void **state)
{
	static const char *const table[] = {
	    "",
	    P1_HEADER,
	    /* two proposals; another protocol; no transform; a promised one that is missing */
	    P1_HEADER "02000020 01010001 00000018 01010000 80010005 80020001 80030001 80040005",
	    P1_HEADER "00000020 01020001 00000018 01010000 80010005 80020001 80030001 80040005",
	    P1_HEADER "00000008 01010000",
	    P1_HEADER "00000020 01010002 03000018 01010000 80010005 80020001 80030001 80040005",
	    /* last says more follow; lengths; RESERVED2 */
	    P1_HEADER "00000020 01010001 03000018 01010000 80010005 80020001 80030001 80040005",
	    P1_HEADER "00000020 01010001 00000007 01010000 80010005 80020001 80030001 80040005",
	    P1_HEADER "00000020 01010001 00000019 01010000 80010005 80020001 80030001 80040005",
	    P1_HEADER "0000001f 01010001 00000018 01010000 80010005 80020001 80030001 80040005",
	    P1_HEADER "00000020 01010001 00000018 01010001 80010005 80020001 80030001 80040005",
	    /* an attribute longer than its transform */
	    P1_HEADER "00000020 01010001 00000018 01010000 80010005 80020001 80030001 00040005",
	};
	struct phase1_sa sa;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (phase1_sa_get(hex_span(table[i]), &sa))
			fail_msg("malformed phase 1 SA %zu was taken", i);
}

static void
rfc2409_5_offers_are_one_proposal(void **state)
{
	struct phase1_sa sa = {.doi = DOI_GDOI,
	                       .proposal = 1,
	                       .n = 2,
	                       .transforms = {{.number = 1,
	                                       .cipher = CIPHER_AES_192,
	                                       .hash = HASH_SHA256,
	                                       .group = 14,
	                                       .auth = PHASE1_AUTH_PSK,
	                                       .lifetime = 86400},
	                                      {.number = 2,
	                                       .cipher = CIPHER_3DES,
	                                       .hash = HASH_MD5,
	                                       .group = 2,
	                                       .auth = PHASE1_AUTH_PSK}}};
	uint8_t buf[128];
	struct wr w = wr_buf(buf, sizeof(buf));

	(void)state;
	phase1_sa_put(&w, &sa);
	assert_written(&w,
	               P1_HEADER "00000048 01010002 "
	                         "03000028 01010000 80010007 80020004 80030001 8004000e 800b0001 "
	                         "000c000400015180 800e00c0 "
	                         "00000018 02010000 80010005 80020001 80030001 80040002");
}

static void
test_notify_delete(void **state)
{
	struct isakmp_notify n;
	struct isakmp_delete d;

	(void)state;
	assert_true(isakmp_notify_get(hex_span("00000001 01 02 6002 aabb cc"), &n));
	assert_int_equal(n.type, NOTIFY_INITIAL_CONTACT);
	assert_int_equal(n.spi.n, 2);
	assert_int_equal(n.data.n, 1);
	assert_false(isakmp_notify_get(hex_span("00000001 01 03 6002 aabb"), &n));
	assert_true(isakmp_delete_get(hex_span("00000002 01 04 0002 00000001 00000002"), &d));
	assert_int_equal(d.spis.n, 8);
	assert_false(isakmp_delete_get(hex_span("00000002 01 04 0003 00000001 00000002"), &d));
	assert_false(isakmp_delete_get(hex_span("00000002 01 04 0001 00000001 00000002"), &d));
	assert_false(isakmp_delete_get(hex_span("00000002 01 ff ffff 00000001"), &d));
}

/* --- GDOI ------------------------------------------------------------------------------------- */

#define SA_HEADER   "00000002 00000000 "
#define KEK_SPI     "000102030405060708090a0b0c0d0e0f "
#define SAK_FIXED   "11 01 0350 04 0a010c01 01 0350 04 0a011703 " KEK_SPI "00000000 "
#define SAT_ENDS    "00 04 0000 08 c0a80000 ffff0000 04 0000 08 c0a80000 ffff0000 "
#define SAT_DES_MD5 "02 deadbeef 80040001 80050001 "

static bool
sa_get(const char *bytes, struct gdoi_sa *sa)
{
	return gdoi_sa_get(hex_span(bytes), sa);
}

static void
rfc6407_5_3_2_sak_attributes(void **state)
{
	struct gdoi_sa *sa = x_alloc(sizeof(*sa));

	(void)state;
	/* lifetime in both forms; RFC 8263's attribute */
	assert_true(
	    sa_get(SA_HEADER "000f0000 00000035 " SAK_FIXED "80020002 80040e10 80060001", sa));
	assert_int_equal(sa->sak.cipher, CIPHER_3DES);
	assert_int_equal(sa->sak.lifetime, 3600);
	assert_true(sa->sak.lifetime_basic);
	assert_int_equal(sa->sak.ack, 0);
	assert_true(sa_get(SA_HEADER "000f0000 00000041 " SAK_FIXED
	                             "80020003 80030100 00040004 00015180 80060001 80090001",
	                   sa));
	assert_int_equal(sa->sak.cipher, CIPHER_AES_256);
	assert_int_equal(sa->sak.lifetime, 86400);
	assert_false(sa->sak.lifetime_basic);
	assert_int_equal(sa->sak.ack, 1);
	/*
	 * the management algorithm is read (5.3.1); what nobody knows: MUST abort (RFC 6407 5.3.2)
	 */
	assert_true(sa_get(SA_HEADER "000f0000 00000031 " SAK_FIXED "80020002 80010001", sa));
	assert_int_equal(sa->sak.management, KEK_MANAGEMENT_LKH);
	assert_false(sa_get(SA_HEADER "000f0000 00000031 " SAK_FIXED "80020002 800a0001", sa));
	free(sa);
}

static const struct {
	const char *bytes;
	bool known;
	struct esp_suite suite;
	uint32_t lifetime;
	bool variable;
} sat_cases[] = {
    {SA_HEADER "00100000 0000002b 01 " SAT_ENDS SAT_DES_MD5,
     true,
     {CIPHER_DES, HASH_MD5},
     0,
     false},
    {SA_HEADER "00100000 0000003b 01 " SAT_ENDS
               "0c 00000100 80040001 80050005 80010001 00020004 00000e10 80060100",
     true,
     {CIPHER_AES_256, HASH_SHA256},
     3600,
     true},
    {SA_HEADER "00100000 00000033 01 " SAT_ENDS "03 00000100 80040001 80050002 80010001 80020e10",
     true,
     {CIPHER_3DES, HASH_SHA1},
     3600,
     false},
    /* kilobytes are not seconds */
    {SA_HEADER "00100000 00000033 01 " SAT_ENDS "03 00000100 80040001 80050002 80010002 80020e10",
     true,
     {CIPHER_3DES, HASH_SHA1},
     0,
     false},
    /* our private attribute */
    {SA_HEADER "00100000 0000002f 01 " SAT_ENDS SAT_DES_MD5 "fd010040",
     true,
     {CIPHER_DES, HASH_MD5},
     0,
     false},
    /* time-based replay protection: window and pseudotime; a pseudotime of four octets */
    {SA_HEADER "00100000 0000003b 01 " SAT_ENDS SAT_DES_MD5 "fd02000a 7d030008 0000000123456789",
     true,
     {CIPHER_DES, HASH_MD5},
     0,
     false},
    {SA_HEADER "00100000 00000037 01 " SAT_ENDS SAT_DES_MD5 "fd02000a 7d030004 23456789",
     false,
     {CIPHER_DES, HASH_MD5},
     0,
     false},
    /* GCM and GMAC; the same without a key size, and with an HMAC beside */
    {SA_HEADER "00100000 0000002b 01 " SAT_ENDS "14 00000100 80040001 80060080",
     true,
     {CIPHER_GCM_128, HASH_NONE},
     0,
     false},
    {SA_HEADER "00100000 0000002b 01 " SAT_ENDS "17 00000100 80040001 80060100",
     true,
     {CIPHER_GMAC_256, HASH_NONE},
     0,
     false},
    {SA_HEADER "00100000 00000027 01 " SAT_ENDS "14 00000100 80040001",
     false,
     {CIPHER_NULL, HASH_NONE},
     0,
     false},
    {SA_HEADER "00100000 0000002f 01 " SAT_ENDS "14 00000100 80040001 80050002 80060080",
     false,
     {CIPHER_NULL, HASH_NONE},
     0,
     false},
    /* Group Description is ignored (RFC 6407 5.5.1), as a number or in octets; a direction of 4 */
    {SA_HEADER "00100000 0000002f 01 " SAT_ENDS SAT_DES_MD5 "80030002",
     true,
     {CIPHER_DES, HASH_MD5},
     0,
     false},
    {SA_HEADER "00100000 00000034 01 " SAT_ENDS SAT_DES_MD5 "00030005 0102030405",
     true,
     {CIPHER_DES, HASH_MD5},
     0,
     false},
    {SA_HEADER "00100000 0000002f 01 " SAT_ENDS SAT_DES_MD5 "800f0004",
     false,
     {CIPHER_NULL, HASH_NONE},
     0,
     false},
    /* an unknown attribute; UDP encapsulation; neither key nor hash */
    {SA_HEADER "00100000 0000002f 01 " SAT_ENDS SAT_DES_MD5 "80ff0001",
     false,
     {CIPHER_NULL, HASH_NONE},
     0,
     false},
    {SA_HEADER "00100000 0000002b 01 " SAT_ENDS "02 deadbeef 80040003 80050001",
     false,
     {CIPHER_NULL, HASH_NONE},
     0,
     false},
    {SA_HEADER "00100000 00000027 01 " SAT_ENDS "0b deadbeef 80040001",
     false,
     {CIPHER_NULL, HASH_NONE},
     0,
     false},
};

static void
rfc6407_5_5_1_sat_attributes(void **state)
{
	struct gdoi_sa *sa = x_alloc(sizeof(*sa));
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sat_cases); i++) {
		uint8_t buf[256];
		struct wr w = wr_buf(buf, sizeof(buf));

		if (!sa_get(sat_cases[i].bytes, sa) || sa->sats[0].known != sat_cases[i].known)
			fail_msg("SAT %zu", i);
		assert_int_equal(sa->sats[0].lifetime, sat_cases[i].lifetime);
		assert_int_equal(sa->sats[0].lifetime_variable, sat_cases[i].variable);
		if (!sa->sats[0].known)
			continue;
		assert_int_equal(sa->sats[0].suite.cipher, sat_cases[i].suite.cipher);
		assert_int_equal(sa->sats[0].suite.auth, sat_cases[i].suite.auth);
		gdoi_sa_put(&w, sa);
		/* what we cannot use, or are to ignore, we do not repeat */
		if (i != 3 && !strstr(sat_cases[i].bytes, "80030002") &&
		    !strstr(sat_cases[i].bytes, "00030005"))
			assert_written(&w, sat_cases[i].bytes);
	}
	free(sa);
}

static void
test_bypass(void **state)
{
	static const char bytes[] = SA_HEADER "00100000 "
					      "1000001a e7 11 04 0000 08 c0000003 ff0000ff "
					      "01 0350 04 0a010c01 "
					      "0000002b 01 " SAT_ENDS SAT_DES_MD5;
	struct gdoi_sa *sa = x_alloc(sizeof(*sa));
	struct selector s;
	uint8_t buf[256];
	struct wr w = wr_buf(buf, sizeof(buf));

	(void)state;
	assert_true(sa_get(bytes, sa));
	assert_int_equal(sa->n_sats, 2);
	assert_true(gdoi_sat_selector(&sa->sats[0], &s));
	assert_false(s.permit);
	assert_int_equal(s.proto, 17);
	assert_int_equal(s.src, 0xc0000003);
	assert_int_equal(s.src_mask, 0xff0000ff); /* a wildcard need not be contiguous */
	assert_int_equal(s.dst, 0x0a010c01);
	assert_int_equal(s.dport, 848);
	assert_true(gdoi_sat_selector(&sa->sats[1], &s));
	assert_true(s.permit);
	gdoi_sa_put(&w, sa);
	assert_written(&w, bytes);
	/* nothing may follow the destination */
	assert_true(sa_get(SA_HEADER "00100000 00000016 e7 11 01 0000 04 c0000003 01 0350 04 "
	                             "0a010c01",
	                   sa));
	assert_false(sa_get(SA_HEADER "00100000 00000017 e7 11 01 0000 04 c0000003 01 0350 04 "
	                              "0a010c01 00",
	                    sa));
	free(sa);
}

/* Multi-source groups: the source is left out (RFC 6407 5.5.1), so any is meant. */
static void
rfc6407_5_5_1_any_source(void **state)
{
	static const char *const sources[] = {"01 0000 03 000000 ", "04 0000 03 000000 ",
	                                      "01 0000 00 ", "00 0000 00 ", "00 0000 03 000000 "};
	struct gdoi_sa *sa = x_alloc(sizeof(*sa));
	struct selector s;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sources); i++) {
		struct span source = hex_span(sources[i]), rest;
		uint8_t buf[128];
		struct wr w = wr_buf(buf, sizeof(buf));

		rest = hex_span("01 0000 04 efc00101 " SAT_DES_MD5);
		wr_span(&w, hex_span(SA_HEADER "00100000 00000000 01 00"));
		wr_span(&w, source);
		wr_span(&w, rest);
		wr_patch16(&w, 14, w.n - 12);
		assert_true(gdoi_sa_get(wr_done(&w), sa));
		assert_true(gdoi_sat_selector(&sa->sats[0], &s));
		assert_int_equal(s.src_mask, 0);
		assert_int_equal(s.dst, 0xefc00101);
	}
	/* An address of three octets is none, and the destination has to be said. */
	assert_false(sa_get(SA_HEADER "00100000 00000022 01 00 01 0000 03 0a0000 01 0000 04 "
	                              "efc00101 " SAT_DES_MD5,
	                    sa));
	assert_true(sa_get(
	    SA_HEADER "00100000 0000001f 01 00 01 0000 04 efc00101 01 0000 00 " SAT_DES_MD5, sa));
	assert_false(gdoi_sat_selector(&sa->sats[0], &s));
	/* Names are not addresses. */
	assert_true(sa_get(SA_HEADER "00100000 00000023 01 00 01 0000 04 efc00101 02 0000 04 "
	                             "74657374 " SAT_DES_MD5,
	                   sa));
	assert_false(gdoi_sat_selector(&sa->sats[0], &s));
	free(sa);
}

static void
rfc6407_5_2_1_number_and_order(void **state)
{
	static const char *const table[] = {
	    "",
	    SA_HEADER "00000000",                                 /* neither SAK nor SAT */
	    SA_HEADER "00160000 00000004",                        /* a GAP alone */
	    SA_HEADER "00110000 00000004",                        /* no such part */
	    SA_HEADER "01100000 00000005 02",                     /* 272 is not 16 */
	    SA_HEADER "00100000 00000003 02",                     /* shorter than its header */
	    SA_HEADER "00100000 00000006 02",                     /* longer than the payload */
	    SA_HEADER "00100000 00010005 02",                     /* RESERVED */
	    SA_HEADER "00100000 10000005 02",                     /* one more was promised */
	    SA_HEADER "00100000 00000005 02 00",                  /* something left over */
	    SA_HEADER "00100000 16000005 02 00000004",            /* GAP after SAT */
	    SA_HEADER "00100000 0f000005 02 00000029 " SAK_FIXED, /* SAK after SAT */
	    SA_HEADER "000f0000 0f000029 " SAK_FIXED "00000029 " SAK_FIXED,
	};
	struct gdoi_sa *sa = x_alloc(sizeof(*sa));
	size_t i;

	(void)state;
	assert_true(sa_get(SA_HEADER "000f0000 00000029 " SAK_FIXED, sa));
	assert_true(sa_get(SA_HEADER "00100000 00000005 02", sa)); /* AH: passed over */
	assert_false(gdoi_sat_selector(&sa->sats[0], &(struct selector){0}));
	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (sa_get(table[i], sa))
			fail_msg("malformed SA %zu was taken", i);
	free(sa);
}

/* An access list of 100 entries and more goes through; beyond the limit is refused. */
static void
test_many_sats(void **state)
{
	struct gdoi_sa *sa = x_alloc(sizeof(*sa)), *back = x_alloc(sizeof(*back));
	uint8_t *buf = x_alloc(ISAKMP_MESSAGE_MAX);
	struct wr w = wr_buf(buf, ISAKMP_MESSAGE_MAX);
	size_t i;

	(void)state;
	sa->doi = DOI_GDOI;
	for (i = 0; i < GDOI_SATS_MAX; i++)
		sa->sats[sa->n_sats++] =
		    (struct gdoi_sat){.protocol = i % 2 ? GDOI_PROTO_ESP : GDOI_PROTO_BYPASS,
		                      .proto = 6,
		                      .src = gdoi_end_of((uint32_t)i << 8, 0xffffff00, 0),
		                      .dst = gdoi_end_of((uint32_t)i, UINT32_MAX, 80),
		                      .transform = ESP_AES_CBC,
		                      .suite = {CIPHER_AES_256, HASH_SHA512},
		                      .spi = (uint32_t)i,
		                      .lifetime = 86400};
	gdoi_sa_put(&w, sa);
	assert_true(gdoi_sa_get(wr_done(&w), back));
	assert_int_equal(back->n_sats, GDOI_SATS_MAX);
	assert_int_equal(back->sats[101].spi, 101);
	assert_int_equal(back->sats[101].src.addr, 101 << 8);
	assert_int_equal(back->sats[101].suite.auth, HASH_SHA512);
	/* One more: the last part points at an empty SAT of another protocol. */
	w = wr_buf(buf, ISAKMP_MESSAGE_MAX);
	wr_span(&w, hex_span(SA_HEADER "00100000"));
	for (i = 0; i <= GDOI_SATS_MAX; i++)
		wr_span(&w, hex_span(i < GDOI_SATS_MAX ? "10000005 02" : "00000005 02"));
	assert_false(gdoi_sa_get(wr_done(&w), back));
	free(buf);
	free(back);
	free(sa);
}

static void
rfc6407_5_6_key_download(void **state)
{
	static const char good[] = "0002 0000 "
				   "01 00 0015 04 deadbeef 0001 0008 0102030405060708 "
				   "04 00 0017 00 8001 0018 0002 0003 00002a 0002 0003 00002b";
	static const char *const wrong[] = {
	    "0000 0000",                                  /* no keys at all */
	    "0001 0000",                                  /* one was promised */
	    "0001 0000 01 00 0004",                       /* no SPI size */
	    "0001 0000 01 00 0005 04",                    /* SPI outside */
	    "0001 0000 01 00 000c 04 deadbeef 000100",    /* half an attribute */
	    "0001 0000 01 00 000d 04 deadbeef 0001 0008", /* its value is missing */
	    "0001 0000 01 00 0009 04 deadbeef 00",        /* something left over */
	    "0041 0000 01 00 0009 04 deadbeef",           /* beyond the limit */
	    "0001 0000 04 00 0012 00 8001 0018 0002 0005 00002a0000",
	    /* an identifier is of no SA: RFC 6407 5.6.4 */
	    "0001 0000 04 00 0014 04 00000001 8001 0018 0002 0003 00002a",
	    /* two keys for one purpose: RFC 6407 5.6.1 wants exactly one */
	    "0001 0000 01 00 0013 04 deadbeef 0001 0001 01 0001 0001 02",
	};
	struct gdoi_kd *kd = x_alloc(sizeof(*kd));
	uint8_t buf[128];
	struct wr w = wr_buf(buf, sizeof(buf));
	size_t i;

	(void)state;
	assert_true(gdoi_kd_get(hex_span(good), kd));
	assert_int_equal(kd->n, 2);
	assert_int_equal(kd->keys[0].type, KD_TEK);
	assert_int_equal(kd->keys[0].key.n, 8);
	assert_int_equal(kd->keys[0].auth.n, 0);
	assert_int_equal(kd->keys[1].sid_bits, 24);
	assert_int_equal(kd->keys[1].n_sids, 2);
	assert_int_equal(kd->keys[1].sids[1], 0x2b);
	gdoi_kd_put(&w, kd);
	assert_written(&w, good);
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		if (gdoi_kd_get(hex_span(wrong[i]), kd))
			fail_msg("malformed KD %zu was taken", i);
	free(kd);
}

static void
rfc6407_5_1_group_identity(void **state)
{
	uint8_t type;
	uint32_t value;
	struct gdoi_gap gap;

	(void)state;
	assert_true(gdoi_group_id_get(hex_span("0b000000 000004d2"), &type, &value));
	assert_int_equal(value, 1234);
	assert_true(gdoi_group_id_get(hex_span("01000000 0a010101"), &type, &value));
	assert_int_equal(type, ID_IPV4_ADDR);
	assert_false(gdoi_group_id_get(hex_span("0b000000 0004d2"), &type, &value));
	assert_false(gdoi_group_id_get(hex_span("0b000000 00000004d2"), &type, &value));
	assert_false(gdoi_group_id_get(hex_span("02000000 000004d2"), &type, &value));
	/* RFC 6407 5.1: DOI-specific ID data MUST be 0 */
	assert_false(gdoi_group_id_get(hex_span("0b110000 000004d2"), &type, &value));
	assert_false(gdoi_group_id_get(hex_span("0b000350 000004d2"), &type, &value));
	assert_false(gdoi_seq_get(hex_span("000001"), &value));
	assert_true(gdoi_gap_get(hex_span("80030004"), &gap));
	assert_true(gap.has_sid && gap.sid == 4);
	assert_false(gdoi_gap_get(hex_span("800300"), &gap));
	assert_false(gap.whole);
	assert_false(gdoi_seq_get(hex_span("0000000100"), &value));
}

/* Alone in a pull's third message, and between SAK and SATs. */
static void
rfc6407_5_4_unknown_gap_attribute_aborts(void **state)
{
	static const char sa_bytes[] = SA_HEADER "00160000 10000010 8001001e 8002003c 80e70001 "
						 "0000002b 01 " SAT_ENDS SAT_DES_MD5;
	struct gdoi_sa *sa = x_alloc(sizeof(*sa));
	struct gdoi_gap gap;
	uint8_t buf[128];
	struct wr w = wr_buf(buf, sizeof(buf));

	(void)state;
	assert_false(gdoi_gap_get(hex_span("8003000480040001"), &gap)); /* nobody's */
	assert_false(gdoi_gap_get(hex_span("80e60001"), &gap));         /* somebody else's */
	assert_false(gdoi_gap_get(hex_span("000100020005"), &gap)); /* a delay that is not Basic */
	assert_true(sa_get(sa_bytes, sa));
	assert_true(sa->gap.has_atd && sa->gap.atd == 30 && sa->gap.has_dtd && sa->gap.dtd == 60);
	assert_true(sa->gap.whole);
	gdoi_sa_put(&w, sa);
	assert_written(&w, sa_bytes);
	assert_false(sa_get(SA_HEADER "00160000 10000008 80050001 "
	                              "0000002b 01 " SAT_ENDS SAT_DES_MD5,
	                    sa));
	free(sa);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reader),
	    cmocka_unit_test(test_writer),
	    cmocka_unit_test(test_header),
	    cmocka_unit_test(rfc2408_3_2_chain_of_payloads),
	    cmocka_unit_test(test_chain_limit),
	    cmocka_unit_test(rfc2408_3_3_attributes),
	    cmocka_unit_test(rfc2409_5_choice_is_written_as_it_was_offered),
	    cmocka_unit_test(rfc2409_5_malformed_offers),
	    cmocka_unit_test(rfc2409_5_offers_are_one_proposal),
	    cmocka_unit_test(test_notify_delete),
	    cmocka_unit_test(rfc6407_5_3_2_sak_attributes),
	    cmocka_unit_test(rfc6407_5_5_1_sat_attributes),
	    cmocka_unit_test(test_bypass),
	    cmocka_unit_test(rfc6407_5_5_1_any_source),
	    cmocka_unit_test(rfc6407_5_2_1_number_and_order),
	    cmocka_unit_test(test_many_sats),
	    cmocka_unit_test(rfc6407_5_6_key_download),
	    cmocka_unit_test(rfc6407_5_1_group_identity),
	    cmocka_unit_test(rfc6407_5_4_unknown_gap_attribute_aborts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
