/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The userspace dataplane: what goes in comes out under every suite and nothing else does; first
 * match, several senders, keys that change, sets that disturb nothing.
 */
#include "tests/unit/esp.h"

static const struct esp_suite suites[] = {
    /* clang-format off */
    {CIPHER_DES,      HASH_MD5},
    {CIPHER_DES,      HASH_SHA1},
    {CIPHER_3DES,     HASH_MD5},
    {CIPHER_3DES,     HASH_SHA1},
    {CIPHER_AES_128,  HASH_SHA1},
    {CIPHER_AES_192,  HASH_SHA256},
    {CIPHER_AES_256,  HASH_SHA384},
    {CIPHER_AES_256,  HASH_SHA512},
    {CIPHER_NULL,     HASH_SHA1},
    {CIPHER_AES_128,  HASH_NONE},
    {CIPHER_GCM_128,  HASH_NONE},
    {CIPHER_GCM_192,  HASH_NONE},
    {CIPHER_GCM_256,  HASH_NONE},
    {CIPHER_GMAC_128, HASH_NONE},
    {CIPHER_GMAC_192, HASH_NONE},
    {CIPHER_GMAC_256, HASH_NONE},
    /* clang-format on */
};

/* Every suite, both modes, every length that pads differently. */
static void
test_round_trip(void **state)
{
	struct buffer *b = x_alloc(sizeof(*b)), *was = x_alloc(sizeof(*was));
	size_t i, n;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(suites) * 2; i++) {
		struct dp_sa sa = sa_of(0x1000, suites[i / 2].cipher, suites[i / 2].auth);
		struct member m;

		if (suites[i / 2].cipher == CIPHER_DES && !crypto_has_des()) {
			print_message("SKIPPED: no single DES in this OpenSSL\n");
			continue;
		}
		sa.transport = i & 1;
		member_init(&m);
		set_sas(&m, &sa, 1);
		for (n = 60; n < 60 + 40; n++) {
			struct ip4 h;
			struct span wire;

			packet_init(b, A, B, 99, n);
			*was = *b;
			assert_int_equal(send_out(&m, b), ESP_DONE);
			wire = packet_span(&b->pkt);
			assert_true(ip4_parse(wire, &h));
			assert_int_equal(h.total, wire.n);
			assert_int_equal(h.proto, 50);
			assert_true(h.src == A && h.dst == B && h.tos == 0x28 && h.ttl == 63);
			assert_int_equal(packet_get32(wire.p + 20), 0x1000);
			assert_int_equal(packet_get32(wire.p + 24), n - 59);
			assert_true(wire.n >= n + 8 + esp_suite_icv_size(&sa.suite));
			assert_int_equal(esp_input(m.port, &b->pkt, false, 0), ESP_DONE);
			assert_int_equal(b->pkt.n, n);
			assert_memory_equal(packet_data(&b->pkt), was->bytes + PACKET_HEADROOM, n);
		}
		assert_int_equal(stat_of(&m).sas[0].in_packets, 40);
		assert_int_equal(stat_of(&m).sas[0].out_packets, 40);
		assert_int_equal(stat_of(&m).entries[1].in_packets, 40);
		member_fini(&m);
	}
	free(b);
	free(was);
}

/* The bytes themselves; the ICV was computed with another implementation (Python's hmac). */
static void
test_trailer_and_icv(void **state)
{
	struct dp_sa sa = sa_of(0x01020304, CIPHER_NULL, HASH_SHA1);
	/* HMAC-SHA1-96 with keys[0..20) over 01020304 00000001, the packet, 01 02 02 04 */
	static const uint8_t icv[12] = {0x0f, 0xb3, 0xac, 0x4c, 0x2e, 0x24,
	                                0x63, 0xb6, 0xc4, 0xee, 0xf4, 0xd0};
	struct buffer b;
	struct member m;
	const uint8_t *p;

	(void)state;
	member_init(&m);
	set_sas(&m, &sa, 1);
	packet_init(&b, A, B, 99, 24);
	assert_int_equal(send_out(&m, &b), ESP_DONE);
	p = packet_data(&b.pkt);
	assert_int_equal(b.pkt.n, 20 + 8 + 24 + 4 + 12);
	assert_memory_equal(p + 20, "\1\2\3\4\0\0\0\1", 8);
	assert_memory_equal(p + 52, "\1\2\2\4", 4);
	assert_memory_equal(p + 56, icv, 12);
	member_fini(&m);
}

/* One bit turned anywhere behind the IPv4 header, or the packet cut anywhere: refused. */
static void
test_tamper(void **state)
{
	struct dp_sa sa = sa_of(0x1000, CIPHER_AES_128, HASH_SHA1);
	struct buffer b, bad;
	struct member m;
	size_t i, n;

	(void)state;
	member_init(&m);
	set_sas(&m, &sa, 1);
	packet_init(&b, A, B, 99, 100);
	assert_int_equal(send_out(&m, &b), ESP_DONE);
	n = b.pkt.n;
	for (i = 24; i < n; i++) { /* behind the SPI */
		bad = b;
		bad.pkt.buf = bad.bytes;
		packet_data(&bad.pkt)[i] ^= (uint8_t)(1 << i % 8);
		assert_int_equal(take_in(&m, &bad), ESP_DROP);
	}
	for (i = 20; i < n; i++) {
		bad = b;
		bad.pkt.buf = bad.bytes;
		bad.pkt.n = i;
		packet_put16(packet_data(&bad.pkt) + 2, (uint16_t)i);
		ip4_refresh(packet_data(&bad.pkt));
		assert_int_equal(take_in(&m, &bad), ESP_DROP);
	}
	/* another source is another sender, but the packet inside tells */
	bad = b;
	bad.pkt.buf = bad.bytes;
	packet_put32(packet_data(&bad.pkt) + 12, A + 1);
	ip4_refresh(packet_data(&bad.pkt));
	assert_int_equal(take_in(&m, &bad), ESP_DROP);
	assert_int_equal(take_in(&m, &b), ESP_DONE);
	assert_int_equal(take_in(&m, &b), ESP_DROP);
	assert_int_equal(stat_of(&m).sas[0].replay_drops, 1);
	assert_true(stat_of(&m).sas[0].auth_errors >= n - 24);
	assert_true(m.log.lines >= 2 && m.log.lines <= 4); /* one of a kind */
	member_fini(&m);
}

/* Three members send under one key, each counting from 1, one far ahead of the others. */
static void
test_senders(void **state)
{
	struct dp_sa sa = sa_of(0x1000, CIPHER_AES_128, HASH_SHA1);
	struct member sender[3], receiver;
	struct buffer *sent = x_alloc(300 * sizeof(*sent));
	size_t i, k;

	(void)state;
	member_init(&receiver);
	set_sas(&receiver, &sa, 1);
	for (i = 0; i < 3; i++) {
		member_init(&sender[i]);
		set_sas(&sender[i], &sa, 1);
		for (k = 0; k < 100; k++) {
			packet_init(&sent[i * 100 + k], A + (uint32_t)i, B, 99, 60);
			assert_int_equal(send_out(&sender[i], &sent[i * 100 + k]), ESP_DONE);
		}
	}
	for (k = 0; k < 100; k++) /* the first runs ahead */
		assert_int_equal(take_in(&receiver, &sent[k]), ESP_DONE);
	for (k = 0; k < 100; k++) { /* the others in turns, out of order by pairs */
		assert_int_equal(take_in(&receiver, &sent[100 + (k ^ 1)]), ESP_DONE);
		assert_int_equal(take_in(&receiver, &sent[200 + (k ^ 1)]), ESP_DONE);
	}
	for (k = 0; k < 300; k++)
		assert_int_equal(take_in(&receiver, &sent[k]), ESP_DROP);
	assert_int_equal(stat_of(&receiver).sas[0].replay_drops, 300);
	for (i = 0; i < 3; i++)
		member_fini(&sender[i]);
	member_fini(&receiver);
	free(sent);
}

/* A new key comes: both receive, the new one sends; then the old one goes. */
static void
test_rollover(void **state)
{
	struct dp_sa sas[2] = {sa_of(0x1000, CIPHER_AES_128, HASH_SHA1),
	                       sa_of(0x2000, CIPHER_3DES, HASH_MD5)};
	struct buffer old, fresh;
	struct member a, b;

	(void)state;
	member_init(&a);
	member_init(&b);
	set_sas(&a, sas, 1);
	set_sas(&b, sas, 1);
	packet_init(&old, A, B, 99, 60);
	assert_int_equal(send_out(&a, &old), ESP_DONE);
	sas[1].send = false; /* installed, but not yet to be used */
	set_sas(&a, sas, 2);
	packet_init(&fresh, A, B, 99, 60);
	assert_int_equal(send_out(&a, &fresh), ESP_DONE);
	assert_int_equal(packet_get32(packet_data(&fresh.pkt) + 20), 0x1000);
	sas[1].send = true;
	set_sas(&a, sas, 2);
	set_sas(&b, sas, 2);
	packet_init(&fresh, A, B, 99, 60);
	assert_int_equal(send_out(&a, &fresh), ESP_DONE);
	assert_int_equal(packet_get32(packet_data(&fresh.pkt) + 20), 0x2000);
	assert_int_equal(take_in(&b, &fresh), ESP_DONE);
	assert_int_equal(take_in(&b, &old), ESP_DONE);
	set_sas(&b, &sas[1], 1);
	assert_int_equal(take_in(&b, &old), ESP_DROP);
	assert_int_equal(stat_of(&b).invalid_spi, 1);
	assert_non_null(strstr(b.log.last, "RECVD_PKT_INV_SPI"));
	member_fini(&a);
	member_fini(&b);
}

static void
test_set_idempotent(void **state)
{
	struct dp_sa sa = sa_of(0x1000, CIPHER_AES_128, HASH_SHA1), wrong[2];
	struct dp_group g = group_of(wrong, 2);
	struct member a, b;
	struct buffer p;

	(void)state;
	member_init(&a);
	member_init(&b);
	set_sas(&a, &sa, 1);
	set_sas(&b, &sa, 1);
	packet_init(&p, A, B, 99, 60);
	send_out(&a, &p);
	assert_int_equal(take_in(&b, &p), ESP_DONE);
	set_sas(&a, &sa, 1);
	set_sas(&b, &sa, 1);
	sa.window = 1024;
	set_sas(&b, &sa, 1);
	assert_int_equal(take_in(&b, &p), ESP_DROP); /* still remembered */
	assert_int_equal(stat_of(&b).sas[0].in_packets, 1);
	assert_int_equal(stat_of(&b).entries[1].in_packets, 1);
	/* all or nothing: a key too short in the second SA leaves the first group as it is */
	wrong[0] = sa_of(0x3000, CIPHER_3DES, HASH_SHA1);
	wrong[1] = sa_of(0x4000, CIPHER_AES_256, HASH_SHA1);
	wrong[1].enc_key.n = 16;
	assert_int_not_equal(a.dp->ops->set(a.dp, &g), 0);
	wrong[1] = wrong[0]; /* one SPI twice */
	assert_int_not_equal(a.dp->ops->set(a.dp, &g), 0);
	assert_int_equal(stat_of(&a).n_sas, 1);
	packet_init(&p, A, B, 99, 60);
	assert_int_equal(send_out(&a, &p), ESP_DONE);
	assert_int_equal(packet_get32(packet_data(&p.pkt) + 24), 2);
	/* forgotten and registered again under the same key: the count goes on, and so does the
	 * memory of what was received */
	a.dp->ops->clear(a.dp, "G");
	assert_int_equal(take_in(&b, &p), ESP_DONE);
	b.dp->ops->clear(b.dp, "G");
	set_sas(&a, &sa, 1);
	set_sas(&b, &sa, 1);
	assert_int_equal(take_in(&b, &p), ESP_DROP);
	packet_init(&p, A, B, 99, 60);
	assert_int_equal(send_out(&a, &p), ESP_DONE);
	assert_int_equal(packet_get32(packet_data(&p.pkt) + 24), 3);
	assert_int_equal(take_in(&b, &p), ESP_DONE);
	member_fini(&a);
	member_fini(&b);
}

/* First match, fail-open before registration, never in clear after, GDOI always. */
static void
test_policy(void **state)
{
	struct dp_entry entries[] = {
	    {.selector = {.proto = 6, .dport = 22}},
	    {.selector = {true, 0, NET, NET, 0, 0}, .sa = 1},
	    {.selector = {true, 0, 0, 0, 0, 0, 0, 0}, .sa = 2}, /* any to any: no key for it */
	};
	struct dp_sa sa = sa_of(0x1000, CIPHER_AES_128, HASH_SHA1);
	struct dp_group g = group_of(&sa, 1);
	struct buffer p;
	struct member m;
	size_t mtu;

	(void)state;
	member_init(&m);
	g.n_entries = 0;
	set_group(&m, &g);
	packet_init(&p, A, B, 6, 60);
	assert_int_equal(send_out(&m, &p), ESP_PASS);
	assert_int_equal(take_in(&m, &p), ESP_PASS);
	g.entries = entries;
	g.n_entries = 3;
	set_group(&m, &g);
	assert_int_equal(take_in(&m, &p), ESP_DROP); /* arrived in clear */
	assert_int_equal(stat_of(&m).entries[1].clear_drops, 1);
	assert_non_null(strstr(m.log.last, "RECVD_PKT_NOT_IPSEC"));
	packet_put16(packet_data(&p.pkt) + 22, 22); /* denied: clear both ways */
	assert_int_equal(take_in(&m, &p), ESP_PASS);
	assert_int_equal(send_out(&m, &p), ESP_PASS);
	packet_init(&p, IP(1, 1, 1, 1), B, 99, 60);
	assert_int_equal(send_out(&m, &p), ESP_DROP); /* must be encrypted, no key */
	assert_int_equal(stat_of(&m).entries[2].send_errors, 1);
	packet_init(&p, IP(1, 1, 1, 1), IP(2, 2, 2, 2), 17, 60);
	packet_put32(packet_data(&p.pkt) + 20, 848u << 16 | 848);
	assert_int_equal(send_out(&m, &p), ESP_DROP); /* somebody's GDOI obeys the policy */
	assert_int_equal(esp_output(m.port, &p.pkt, true, MTU, &mtu, 0), ESP_PASS);
	assert_int_equal(esp_input(m.port, &p.pkt, true, 0), ESP_PASS);
	m.dp->ops->clear(m.dp, "G");
	assert_int_equal(send_out(&m, &p), ESP_PASS);
	member_fini(&m);
}

/* Two groups on one interface: the lower number is asked first; a deny asks the next. */
static void
test_groups(void **state)
{
	static const struct dp_entry second[] = {
	    {.selector = {true, 0, 0, 0, 0, 0, 0, 0}, .sa = 1}};
	static const struct dp_binding later[] = {{.interface = WAN, .seq = 20}};
	struct dp_sa one = sa_of(0x1000, CIPHER_AES_128, HASH_SHA1);
	struct dp_sa two = sa_of(0x2000, CIPHER_AES_128, HASH_SHA1);
	struct dp_group g = {"H", 1, later, SA_BOTH, 1, second, 1, &two, 0};
	struct buffer p;
	struct member m;

	(void)state;
	member_init(&m);
	set_group(&m, &g);
	set_sas(&m, &one, 1);
	packet_init(&p, A, B, 99, 60);
	assert_int_equal(send_out(&m, &p), ESP_DONE);
	assert_int_equal(packet_get32(packet_data(&p.pkt) + 20), 0x1000);
	packet_init(&p, A, B, 17, 60);
	packet_put32(packet_data(&p.pkt) + 20, 848u << 16 | 848);
	assert_int_equal(send_out(&m, &p), ESP_DONE);
	assert_int_equal(packet_get32(packet_data(&p.pkt) + 20), 0x2000);
	/* a packet of the second group's key that only the first group's policy has in it */
	assert_int_equal(take_in(&m, &p), ESP_DONE);
	member_fini(&m);
}

static void
test_foreign(void **state)
{
	struct dp_sa sa = sa_of(0x1000, CIPHER_AES_128, HASH_SHA1);
	struct dp_sa other = sa_of(0x5000, CIPHER_AES_128, HASH_SHA1);
	struct member m, stranger;
	struct buffer p;

	(void)state;
	member_init(&m);
	member_init(&stranger);
	set_sas(&m, &sa, 1);
	packet_init(&p, IP(10, 0, 0, 1), IP(10, 0, 0, 2), 50, 100);
	assert_int_equal(take_in(&m, &p), ESP_PASS);                    /* not our business */
	assert_int_equal(esp_input(m.port, &p.pkt, true, 0), ESP_DROP); /* to us */
	set_sas(&stranger, &other, 1);
	packet_init(&p, A, B, 99, 100);
	assert_int_equal(send_out(&stranger, &p), ESP_DONE);
	assert_int_equal(take_in(&m, &p), ESP_DROP);
	assert_int_equal(stat_of(&m).invalid_spi, 2);
	member_fini(&m);
	member_fini(&stranger);
}

struct told {
	unsigned times;
	uint32_t spi;
};

static void
note_unknown(void *arg, const char *group, uint32_t spi)
{
	struct told *t = arg;

	assert_string_equal(group, "G");
	t->times++;
	t->spi = spi;
}

/* Somebody is told of an unknown SPI, once a second, and only between the group's addresses. */
static void
test_unknown_spi_is_told(void **state)
{
	struct dp_sa sa = sa_of(0x1000, CIPHER_AES_128, HASH_SHA1);
	struct dp_sa other = sa_of(0x5000, CIPHER_AES_128, HASH_SHA1);
	struct told told = {0};
	struct member m, newer;
	struct buffer p;

	(void)state;
	member_init(&m);
	member_init(&newer);
	esp_tell(m.dp, &(struct dp_events){note_unknown, &told});
	set_sas(&m, &sa, 1);
	set_sas(&newer, &other, 1);
	packet_init(&p, IP(10, 0, 0, 1), IP(10, 0, 0, 2), 50, 100);
	esp_input(m.port, &p.pkt, true, 0); /* to us, and not of the group */
	packet_init(&p, A, IP(10, 0, 0, 2), 50, 100);
	esp_input(m.port, &p.pkt, false, 0);
	assert_int_equal(told.times, 0);
	for (msec now = 1000; now < 4000; now += 10) {
		packet_init(&p, A, B, 99, 100);
		assert_int_equal(send_out(&newer, &p), ESP_DONE);
		assert_int_equal(esp_input(m.port, &p.pkt, false, now), ESP_DROP);
	}
	assert_int_equal(told.times, 3);
	assert_int_equal(told.spi, 0x5000);
	/* A packet that it understands, and one under a known SPI that is forged, say nothing. */
	set_sas(&newer, &sa, 1);
	packet_init(&p, A, B, 99, 100);
	assert_int_equal(send_out(&newer, &p), ESP_DONE);
	packet_data(&p.pkt)[60] ^= 1;
	assert_int_equal(esp_input(m.port, &p.pkt, false, 9000), ESP_DROP);
	assert_int_equal(told.times, 3);
	member_fini(&m);
	member_fini(&newer);
}

/* Nobody keeps a new key from being told by flooding a member under another SPI, or a few. */
static void
test_a_flood_hides_no_unknown_spi(void **state)
{
	struct dp_sa sa = sa_of(0x1000, CIPHER_AES_128, HASH_SHA1), flood;
	struct told told = {0};
	struct member m, newer;
	struct buffer p;

	(void)state;
	member_init(&m);
	member_init(&newer);
	esp_tell(m.dp, &(struct dp_events){note_unknown, &told});
	set_sas(&m, &sa, 1);
	for (uint32_t i = 0; i < 1000; i++) { /* the last one comes behind all others */
		flood = sa_of(i < 999 ? 0x5000 + i % 5 : 0x7000, CIPHER_AES_128, HASH_SHA1);
		set_sas(&newer, &flood, 1);
		packet_init(&p, A, B, 99, 100);
		assert_int_equal(send_out(&newer, &p), ESP_DONE);
		assert_int_equal(esp_input(m.port, &p.pkt, false, 5000), ESP_DROP);
	}
	assert_int_equal(told.times, 6);
	assert_int_equal(told.spi, 0x7000);
	/* And whoever invents SPIs is told of twenty times in a second. */
	for (uint32_t i = 0; i < 1000; i++) {
		flood = sa_of(0x8000 + i, CIPHER_AES_128, HASH_SHA1);
		set_sas(&newer, &flood, 1);
		packet_init(&p, A, B, 99, 100);
		assert_int_equal(send_out(&newer, &p), ESP_DONE);
		assert_int_equal(esp_input(m.port, &p.pkt, false, 7000 + i), ESP_DROP);
	}
	assert_int_equal(told.times, 6 + 20);
	member_fini(&m);
	member_fini(&newer);
}

/* What just fits goes, one octet more is too big and is told the size that fits. */
static void
test_mtu(void **state)
{
	size_t i, n, mtu;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(suites) * 2; i++) {
		struct dp_sa sa = sa_of(0x1000, suites[i / 2].cipher, suites[i / 2].auth);
		struct buffer p;
		struct member m;

		if (suites[i / 2].cipher == CIPHER_DES && !crypto_has_des())
			continue;
		sa.transport = i & 1;
		member_init(&m);
		set_sas(&m, &sa, 1);
		for (n = MTU, mtu = 0; n >= MTU - 1; n--) {
			packet_init(&p, A, B, 99, n);
			packet_data(&p.pkt)[6] |= 0x40;
			ip4_refresh(packet_data(&p.pkt));
			assert_int_equal(esp_output(m.port, &p.pkt, false, MTU, &mtu, 0),
			                 ESP_TOO_BIG);
			assert_int_equal(p.pkt.n, n);
		}
		for (n = mtu + 1; n >= mtu; n--) {
			size_t again;

			packet_init(&p, A, B, 99, n);
			packet_data(&p.pkt)[6] |= 0x40;
			ip4_refresh(packet_data(&p.pkt));
			assert_int_equal(esp_output(m.port, &p.pkt, false, MTU, &again, 0),
			                 n > mtu ? ESP_TOO_BIG : ESP_DONE);
		}
		assert_true(p.pkt.n <= MTU && (packet_data(&p.pkt)[6] & 0x40));
		member_fini(&m);
	}
}

/* IVs do not repeat, and keys are looked for at their place. */
static void
test_iv(void **state)
{
	struct dp_sa sa = sa_of(0x1000, CIPHER_AES_128, HASH_SHA1);
	enum { N = 500 };
	uint8_t(*ivs)[16] = x_alloc(N * 16);
	struct member m;
	size_t i, k;

	(void)state;
	member_init(&m);
	set_sas(&m, &sa, 1);
	for (i = 0; i < N; i++) {
		struct buffer p;

		packet_init(&p, A, B, 99, 60);
		assert_int_equal(send_out(&m, &p), ESP_DONE);
		memcpy(ivs[i], packet_data(&p.pkt) + 28, 16);
		for (k = 0; k < i; k++)
			assert_memory_not_equal(ivs[k], ivs[i], 16);
	}
	free(ivs);
	member_fini(&m);
}

/*
 * A member on two interfaces; the crypto map of the first one excepts telnet, the other does not.
 */
static void
test_local_deny_belongs_to_its_interface(void **state)
{
	static const struct dp_binding both[] = {{.interface = WAN, .seq = 10},
	                                         {.interface = "FastEthernet0/1", .seq = 10}};
	const struct dp_entry entries[] = {
	    {.selector = {.proto = 6, .dport = 23}, .local = true, .binding = 0},
	    lab_entries[0],
	    lab_entries[1]};
	struct dp_sa sa = sa_of(0x1000, CIPHER_AES_128, HASH_SHA1);
	struct dp_group g = group_of(&sa, 1);
	struct esp_port *other;
	struct member m;
	struct buffer b;
	size_t mtu;

	(void)state;
	member_init(&m);
	other = esp_port(m.dp, "FastEthernet0/1");
	g.bindings = both;
	g.n_bindings = ARRAY_SIZE(both);
	g.entries = entries;
	g.n_entries = ARRAY_SIZE(entries);
	set_group(&m, &g);
	packet_init(&b, A, B, 6, 100);
	packet_data(&b.pkt)[IP4_HEADER + 2] = 0;
	packet_data(&b.pkt)[IP4_HEADER + 3] = 23;
	assert_int_equal(esp_output(m.port, &b.pkt, false, MTU, &mtu, 0), ESP_PASS);
	assert_int_equal(esp_input(other, &b.pkt, false, 0), ESP_DROP);
	assert_int_equal(esp_output(other, &b.pkt, false, MTU, &mtu, 0), ESP_DONE);
	member_fini(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_trailer_and_icv),
	    cmocka_unit_test(test_tamper),
	    cmocka_unit_test(test_senders),
	    cmocka_unit_test(test_rollover),
	    cmocka_unit_test(test_set_idempotent),
	    cmocka_unit_test(test_policy),
	    cmocka_unit_test(test_groups),
	    cmocka_unit_test(test_foreign),
	    cmocka_unit_test(test_unknown_spi_is_told),
	    cmocka_unit_test(test_a_flood_hides_no_unknown_spi),
	    cmocka_unit_test(test_mtu),
	    cmocka_unit_test(test_iv),
	    cmocka_unit_test(test_local_deny_belongs_to_its_interface),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
