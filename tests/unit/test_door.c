/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The doors of fail-close mode in the userspace dataplane: what passes a shut one, either way; what
 * a group's keys still carry; counters that stay.
 */
#include "tests/unit/esp.h"

#include "runtime/base/path.h"

#define TCP PROTO_TCP
#define UDP PROTO_UDP

static const char *const core[] = {WAN};

/* Telnet of ours may be answered, nothing from 10.0.0.9, the rest of 10.0.0.0/8 may leave. */
static const struct selector exceptions[] = {
    {.permit = false, .proto = TCP, .sport = 23},
    {.permit = true, .src = IP(10, 0, 0, 9), .src_mask = UINT32_MAX},
    {.permit = false, .src = IP(10, 0, 0, 0), .src_mask = IP(255, 0, 0, 0)},
};

static void
set_door(struct member *m, bool open)
{
	const struct dp_door d = {.map = "CMAP",
	                          .open = open,
	                          .n_interfaces = 1,
	                          .interfaces = core,
	                          .n_entries = ARRAY_SIZE(exceptions),
	                          .entries = exceptions};

	assert_int_equal(m->dp->ops->doors(m->dp, &d, 1), 0);
}

static struct dp_door_stat
door_drops(struct member *m)
{
	struct dp_door_stat s;

	assert_true(m->dp->ops->door_stat(m->dp, "CMAP", &s));
	return s;
}

static void
set_ports(struct buffer *b, uint16_t sport, uint16_t dport)
{
	uint8_t *p = packet_data(&b->pkt) + IP4_HEADER;

	p[0] = (uint8_t)(sport >> 8);
	p[1] = (uint8_t)sport;
	p[2] = (uint8_t)(dport >> 8);
	p[3] = (uint8_t)dport;
}

static enum esp_verdict
try_leave(struct member *m, uint32_t src, uint8_t proto, uint16_t sport, uint16_t dport, bool own)
{
	struct buffer b;
	size_t mtu;

	packet_init(&b, src, B, proto, 60);
	set_ports(&b, sport, dport);
	return esp_output(m->port, &b.pkt, own, MTU, &mtu, 0);
}

static enum esp_verdict
try_enter(struct member *m, uint32_t dst, uint8_t proto, uint16_t sport, uint16_t dport, bool own)
{
	struct buffer b;

	packet_init(&b, B, dst, proto, 60);
	set_ports(&b, sport, dport);
	return esp_input(m->port, &b.pkt, own, 0);
}

static void
test_shut(void **state)
{
	struct member m;

	(void)state;
	member_init(&m);
	assert_false(esp_port_active(m.port));
	set_door(&m, false);
	assert_true(esp_port_active(m.port));
	assert_int_equal(try_leave(&m, A, UDP, 1000, 53, false), ESP_DROP);
	assert_int_equal(try_leave(&m, A, 50, 0, 0, false), ESP_DROP); /* somebody's ESP */
	assert_int_equal(try_leave(&m, A, TCP, 23, 4000, true), ESP_PASS);
	assert_int_equal(try_leave(&m, A, TCP, 4000, 23, true), ESP_DROP);
	assert_int_equal(try_leave(&m, IP(10, 0, 0, 9), UDP, 1, 2, false), ESP_DROP);
	assert_int_equal(try_leave(&m, IP(10, 0, 0, 8), UDP, 1, 2, false), ESP_PASS);
	assert_int_equal(door_drops(&m).out_drops, 4);
	/* For a packet that enters, the exception is read the other way round. */
	assert_int_equal(try_enter(&m, A, TCP, 4000, 23, true), ESP_PASS);
	assert_int_equal(try_enter(&m, A, TCP, 23, 4000, true), ESP_DROP);
	assert_int_equal(try_enter(&m, IP(10, 0, 0, 9), UDP, 1, 2, true), ESP_DROP);
	assert_int_equal(try_enter(&m, IP(10, 0, 0, 8), UDP, 1, 2, true), ESP_PASS);
	assert_int_equal(try_enter(&m, A, 50, 0, 0, false), ESP_DROP);
	assert_int_equal(door_drops(&m).in_drops, 3);
	/* GDOI passes when it is the node's own, and only then. */
	assert_int_equal(try_leave(&m, A, UDP, GDOI_PORT, GDOI_PORT, true), ESP_PASS);
	assert_int_equal(try_enter(&m, A, UDP, GDOI_PORT, GDOI_PORT, true), ESP_PASS);
	assert_int_equal(try_leave(&m, A, UDP, GDOI_PORT, GDOI_PORT, false), ESP_DROP);
	assert_int_equal(try_enter(&m, A, UDP, GDOI_PORT, GDOI_PORT, false), ESP_DROP);
	member_fini(&m);
}

static void
test_open(void **state)
{
	struct dp_door_stat s;
	struct member m;

	(void)state;
	member_init(&m);
	set_door(&m, false);
	assert_int_equal(try_leave(&m, A, UDP, 1, 2, false), ESP_DROP);
	set_door(&m, true);
	assert_false(esp_port_active(m.port));
	assert_int_equal(try_leave(&m, A, UDP, 1, 2, false), ESP_PASS);
	assert_int_equal(try_enter(&m, A, UDP, 1, 2, false), ESP_PASS);
	set_door(&m, false);
	assert_int_equal(try_leave(&m, A, UDP, 1, 2, false), ESP_DROP);
	assert_int_equal(door_drops(&m).out_drops, 2); /* of both times */
	assert_int_equal(m.dp->ops->doors(m.dp, NULL, 0), 0);
	assert_int_equal(try_leave(&m, A, UDP, 1, 2, false), ESP_PASS);
	assert_false(m.dp->ops->door_stat(m.dp, "CMAP", &s));
	member_fini(&m);
}

/* A group with keys is served behind a door that another group of the map keeps shut. */
static void
test_beside_keys(void **state)
{
	struct dp_sa sa = sa_of(0x1000, CIPHER_AES_128, HASH_SHA1);
	struct member m;
	struct buffer b;

	(void)state;
	member_init(&m);
	set_sas(&m, &sa, 1);
	set_door(&m, false);
	packet_init(&b, A, B, 99, 60);
	assert_int_equal(send_out(&m, &b), ESP_DONE);
	assert_int_equal(esp_input(m.port, &b.pkt, false, 0), ESP_DONE);
	assert_int_equal(try_leave(&m, IP(172, 16, 0, 1), UDP, 1, 2, false), ESP_DROP);
	assert_int_equal(door_drops(&m).out_drops, 1);
	member_fini(&m);
}

/* Inbound optional encrypts and takes both; inbound only sends in clear and takes both. */
static void
test_direction(void **state)
{
	struct dp_sa sa = sa_of(0x1000, CIPHER_AES_128, HASH_SHA1);
	struct dp_group g = group_of(&sa, 1);
	struct buffer clear, secret;
	struct member m;

	(void)state;
	member_init(&m);
	set_group(&m, &g);
	packet_init(&clear, A, B, 99, 60);
	secret = clear;
	secret.pkt.buf = secret.bytes;
	assert_int_equal(send_out(&m, &secret), ESP_DONE);
	assert_int_equal(in_at(&m, &clear, 0), ESP_DROP);
	for (enum sa_direction d = SA_INBOUND_OPTIONAL; d <= SA_INBOUND_ONLY; d++) {
		struct buffer b;

		g.direction = d;
		set_group(&m, &g);
		assert_int_equal(in_at(&m, &clear, 0), ESP_PASS);
		packet_init(&b, A, B, 99, 60);
		assert_int_equal(send_out(&m, &b), d == SA_INBOUND_ONLY ? ESP_PASS : ESP_DONE);
	}
	assert_int_equal(in_at(&m, &secret, 0), ESP_DONE);
	assert_non_null(dp_group_needs_userspace(&g));
	member_fini(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_shut),
	    cmocka_unit_test(test_open),
	    cmocka_unit_test(test_beside_keys),
	    cmocka_unit_test(test_direction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
