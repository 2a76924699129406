/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the userspace dataplane lets pass in clear, and what it does not: a member's own denies in
 * both directions, GDOI of this node and of anybody, fragments, multicast.
 */
#include "tests/unit/esp.h"

#define UDP   PROTO_UDP
#define TCP   PROTO_TCP
#define GROUP IP(239, 192, 1, 1)
#define ANY   0, 0

/* One packet; a UDP or TCP packet unless it is a later fragment. */
struct probe {
	uint32_t src, dst;
	uint8_t proto;
	uint16_t sport, dport, offset;
	bool own;
};

static struct probe
probe_of(uint32_t src, uint32_t dst, uint8_t proto, uint16_t sport, uint16_t dport)
{
	return (struct probe){src, dst, proto, sport, dport, 0, false};
}

static struct probe
own_probe(struct probe p)
{
	p.own = true;
	return p;
}

static struct probe
later_fragment(struct probe p)
{
	p.offset = 512;
	return p;
}

static void
probe_build(struct buffer *b, struct probe p)
{
	uint8_t *bytes;

	packet_init(b, p.src, p.dst, p.proto, 60);
	bytes = packet_data(&b->pkt);
	packet_put16(bytes + 20, p.sport);
	packet_put16(bytes + 22, p.dport);
	packet_put16(bytes + 6, p.offset / 8);
	ip4_refresh(bytes);
}

static enum esp_verdict
try_leave(struct member *m, struct probe p)
{
	struct buffer b;
	size_t mtu;

	probe_build(&b, p);
	return esp_output(m->port, &b.pkt, p.own, MTU, &mtu, 0);
}

static enum esp_verdict
try_enter(struct member *m, struct probe p)
{
	struct buffer b;

	probe_build(&b, p);
	return esp_input(m->port, &b.pkt, p.own, 0);
}

static void
member_with(struct member *m, const struct dp_entry *entries, size_t n)
{
	struct dp_sa sa = sa_of(0x1000, CIPHER_AES_128, HASH_SHA1);
	struct dp_group g = group_of(&sa, 1);

	member_init(m);
	g.entries = entries;
	g.n_entries = n;
	set_group(m, &g);
}

/* `deny tcp host A any eq 80` of this member: the request leaves and the answer enters in clear. */
static void
rfc4301_4_4_1_local_deny_holds_mirrored_inbound(void **state)
{
	static const struct dp_entry entries[] = {
	    {.selector = {.proto = TCP, .src = A, .src_mask = UINT32_MAX, .dport = 80},
	     .local = true},
	    {.selector = {true, 0, NET, NET, 0, 0}, .sa = 1},
	};
	struct member m;

	(void)state;
	member_with(&m, entries, 2);
	assert_int_equal(try_leave(&m, probe_of(A, B, TCP, 4000, 80)), ESP_PASS);
	assert_int_equal(try_enter(&m, probe_of(B, A, TCP, 80, 4000)), ESP_PASS);
	/* as it stands it says nothing of what enters, and mirrored nothing of what leaves */
	assert_int_equal(try_enter(&m, probe_of(A, B, TCP, 4000, 80)), ESP_DROP);
	assert_int_equal(try_leave(&m, probe_of(B, A, TCP, 80, 4000)), ESP_DONE);
	/* the same flow in the other direction is judged by itself */
	assert_int_equal(try_enter(&m, probe_of(B, A, TCP, 80, 4000)), ESP_PASS);
	assert_int_equal(try_leave(&m, probe_of(B, A, TCP, 80, 4000)), ESP_DONE);
	member_fini(&m);
}

/* A deny of the group's says what leaves its sender, whoever that is: it is not mirrored. */
static void
rfc4301_4_4_1_group_deny_holds_as_written(void **state)
{
	static const struct dp_entry entries[] = {
	    {.selector = {.proto = TCP, .src = A, .src_mask = UINT32_MAX, .dport = 80}},
	    {.selector = {true, 0, NET, NET, 0, 0}, .sa = 1},
	};
	struct member m;

	(void)state;
	member_with(&m, entries, 2);
	assert_int_equal(try_enter(&m, probe_of(A, B, TCP, 4000, 80)), ESP_PASS);
	assert_int_equal(try_enter(&m, probe_of(B, A, TCP, 80, 4000)), ESP_DROP);
	member_fini(&m);
}

/* ESP with an SPI that nobody knows: ours, unless a deny excepts it in the direction it goes. */
static void
rfc4301_4_4_1_local_deny_of_esp_is_mirrored(void **state)
{
	static const struct dp_entry entries[] = {
	    {.selector = {.proto = 50, .src = A, .src_mask = UINT32_MAX}, .local = true},
	    {.selector = {true, 0, NET, NET, 0, 0}, .sa = 1},
	};
	struct member m;

	(void)state;
	member_with(&m, entries, 2);
	assert_int_equal(try_enter(&m, probe_of(B, A, 50, 0xffff, 1)), ESP_PASS);
	assert_int_equal(try_enter(&m, probe_of(A, B, 50, 0xffff, 1)), ESP_DROP);
	assert_int_equal(try_leave(&m, probe_of(A, B, 50, 0xffff, 1)), ESP_PASS);
	member_fini(&m);
}

/* Port 848 is no password: only this node's own port counts, and only at this node. */
static void
rfc6407_2_1_only_own_gdoi_passes_in_clear(void **state)
{
	static const struct dp_entry all[] = {{.selector = {true, 0, ANY, ANY, 0, 0}, .sa = 1}};
	struct member m;

	(void)state;
	member_with(&m, all, 1);
	assert_int_equal(try_leave(&m, own_probe(probe_of(A, B, UDP, 848, 848))), ESP_PASS);
	assert_int_equal(try_enter(&m, own_probe(probe_of(B, A, UDP, 848, 848))), ESP_PASS);
	assert_int_equal(try_enter(&m, own_probe(probe_of(B, GROUP, UDP, 848, 848))), ESP_PASS);
	/* hosts behind us */
	assert_int_equal(try_leave(&m, probe_of(A, B, UDP, 848, 848)), ESP_DONE);
	assert_int_equal(try_leave(&m, probe_of(A, B, UDP, 4000, 848)), ESP_DONE);
	assert_int_equal(try_enter(&m, probe_of(B, A, UDP, 848, 848)), ESP_DROP);
	assert_int_equal(try_enter(&m, probe_of(B, A, UDP, 4000, 848)), ESP_DROP);
	/* another program of this node talks to some port 848, or is talked to from one */
	assert_int_equal(try_leave(&m, own_probe(probe_of(A, B, UDP, 4000, 848))), ESP_DONE);
	assert_int_equal(try_enter(&m, own_probe(probe_of(B, A, UDP, 848, 53))), ESP_DROP);
	/* and TCP is none of it */
	assert_int_equal(try_leave(&m, own_probe(probe_of(A, B, TCP, 848, 848))), ESP_DONE);
	assert_int_equal(try_enter(&m, own_probe(probe_of(B, A, TCP, 848, 848))), ESP_DROP);
	member_fini(&m);
}

/*
 * A later fragment shows no ports. It may belong to what a permit with ports protects, so it does
 * not pass in clear; a deny with ports does not except it.
 */
static void
rfc4301_7_later_fragments_never_pass_for_their_ports(void **state)
{
	static const struct dp_entry entries[] = {
	    {.selector = {.proto = UDP, .dport = 53}},
	    {.selector = {true, UDP, NET, NET, 0, 4000}, .sa = 1},
	};
	struct buffer b;
	struct member m;
	size_t mtu;

	(void)state;
	member_with(&m, entries, 2);
	assert_int_equal(try_leave(&m, probe_of(A, B, UDP, 1, 4000)), ESP_DONE);
	assert_int_equal(try_leave(&m, probe_of(A, B, UDP, 1, 53)), ESP_PASS);
	assert_int_equal(try_leave(&m, probe_of(A, B, UDP, 1, 54)), ESP_PASS);
	assert_int_equal(try_leave(&m, later_fragment(probe_of(A, B, UDP, 1, 2))), ESP_DONE);
	assert_int_equal(try_enter(&m, later_fragment(probe_of(A, B, UDP, 1, 2))), ESP_DROP);
	/* other protocols and addresses are no more protected than they were */
	assert_int_equal(try_leave(&m, later_fragment(probe_of(A, B, TCP, 1, 2))), ESP_PASS);
	assert_int_equal(try_leave(&m, later_fragment(probe_of(A, 1, UDP, 1, 2))), ESP_PASS);
	/* what a member sends so, a member takes */
	probe_build(&b, later_fragment(probe_of(A, B, UDP, 1, 2)));
	assert_int_equal(esp_output(m.port, &b.pkt, false, MTU, &mtu, 0), ESP_DONE);
	assert_int_equal(take_in(&m, &b), ESP_DONE);
	/* nor does it pass as GDOI */
	assert_int_equal(try_leave(&m, own_probe(later_fragment(probe_of(A, B, UDP, 848, 848)))),
	                 ESP_DONE);
	member_fini(&m);
}

/* Rekeys to another port than 848 pass there as long as they come there. */
static void
rfc6407_5_3_rekeys_to_another_port_pass(void **state)
{
	struct dp_sa sa = sa_of(0x1000, CIPHER_AES_128, HASH_SHA1);
	struct dp_group g = group_of(&sa, 1);
	struct member m;

	(void)state;
	member_init(&m);
	set_group(&m, &g);
	assert_int_equal(try_enter(&m, own_probe(probe_of(A, B, UDP, 848, 5848))), ESP_DROP);
	g.rekey_port = 5848;
	set_group(&m, &g);
	assert_int_equal(try_enter(&m, own_probe(probe_of(A, B, UDP, 848, 5848))), ESP_PASS);
	assert_int_equal(try_leave(&m, own_probe(probe_of(A, B, UDP, 5848, 848))), ESP_PASS);
	/* not to others, nor from that port */
	assert_int_equal(try_enter(&m, probe_of(A, B, UDP, 848, 5848)), ESP_DROP);
	assert_int_equal(try_enter(&m, own_probe(probe_of(A, B, UDP, 5848, 5849))), ESP_DROP);
	assert_int_equal(try_leave(&m, own_probe(probe_of(A, B, UDP, 5849, 5848))), ESP_DONE);
	member_fini(&m);
}

/* `permit ip 192.168/16 host 239.192.1.1`: multicast is encrypted as unicast is (RFC 5374 4). */
static void
rfc5374_4_multicast_data_is_encrypted(void **state)
{
	static const struct dp_entry entries[] = {
	    {.selector = {true, 0, NET, GROUP, UINT32_MAX, 0, 0}, .sa = 1}};
	struct buffer b;
	struct member m;
	struct ip4 h;
	size_t mtu;

	(void)state;
	member_with(&m, entries, 1);
	for (int by_us = 0; by_us < 2; by_us++) {
		probe_build(&b, probe_of(A, GROUP, UDP, 1, 5000));
		assert_int_equal(esp_output(m.port, &b.pkt, by_us, MTU, &mtu, 0), ESP_DONE);
		assert_true(ip4_parse(packet_span(&b.pkt), &h));
		assert_true(h.src == A && h.dst == GROUP && h.proto == PROTO_ESP);
		assert_int_equal(take_in(&m, &b), ESP_DONE);
	}
	assert_int_equal(try_enter(&m, probe_of(A, GROUP, UDP, 1, 5000)), ESP_DROP);
	assert_int_equal(try_leave(&m, probe_of(A, GROUP + 1, UDP, 1, 5000)), ESP_PASS);
	member_fini(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc4301_4_4_1_local_deny_holds_mirrored_inbound),
	    cmocka_unit_test(rfc4301_4_4_1_group_deny_holds_as_written),
	    cmocka_unit_test(rfc4301_4_4_1_local_deny_of_esp_is_mirrored),
	    cmocka_unit_test(rfc6407_2_1_only_own_gdoi_passes_in_clear),
	    cmocka_unit_test(rfc4301_7_later_fragments_never_pass_for_their_ports),
	    cmocka_unit_test(rfc6407_5_3_rekeys_to_another_port_pass),
	    cmocka_unit_test(rfc5374_4_multicast_data_is_encrypted),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
