/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members made by hand for the tests of the userspace dataplane: a dataplane with one port, the
 * lab's policy, and packets that say what they carry.
 */
#ifndef TESTUDO_TEST_ESP_H
#define TESTUDO_TEST_ESP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/crypto/random.h"
#include "runtime/dataplane/esp/esp.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define A              IP(192, 168, 3, 3)
#define B              IP(192, 168, 4, 4)
#define NET            IP(192, 168, 0, 0), IP(255, 255, 0, 0)
#define WAN            "FastEthernet0/0"
#define MTU            1500

static const uint8_t keys[] = "0123456789abcdefFEDCBA9876543210ghijklmnopqrstuvGHIJKLMNOPQRSTUV";

struct log {
	size_t lines;
	char last[LOG_TEXT_MAX];
};

static inline void
on_log(void *arg, const struct log_record *r)
{
	struct log *l = arg;

	l->lines++;
	memcpy(l->last, r->text, sizeof(l->last));
}

/* A member: a dataplane with one port. */
struct member {
	struct dataplane *dp;
	struct esp_port *port;
	struct log log;
	struct log_sink sink;
};

static inline void
member_init(struct member *m)
{
	memset(m, 0, sizeof(*m));
	m->sink = (struct log_sink){.write = on_log, .arg = &m->log};
	m->dp = esp_new(&m->sink);
	m->port = esp_port(m->dp, WAN);
}

static inline void
member_fini(struct member *m)
{
	m->dp->ops->close(m->dp);
}

/* deny GDOI, permit 192.168/16 to 192.168/16: the lab's policy. */
static const struct dp_entry lab_entries[] = {
    {.selector = {.proto = 17, .sport = 848, .dport = 848}},
    {.selector = {true, 0, NET, NET, 0, 0}, .sa = 1},
};
static const struct dp_binding wan[] = {{.interface = WAN, .seq = 10}};

static inline struct dp_sa
sa_of(uint32_t spi, enum cipher_id cipher, enum hash_id auth)
{
	return (struct dp_sa){.sa = 1,
	                      .spi = spi,
	                      .suite = {cipher, auth},
	                      .enc_key = SPAN(keys, cipher_keymat_size(cipher)),
	                      .auth_key = SPAN(keys, hash_size(auth)),
	                      .sid = 7,
	                      .sid_bits = 24,
	                      .window = 64,
	                      .send = true,
	                      .receive = true};
}

static inline struct dp_group
group_of(const struct dp_sa *sas, size_t n)
{
	return (struct dp_group){.name = "G",
	                         .n_bindings = 1,
	                         .bindings = wan,
	                         .n_entries = ARRAY_SIZE(lab_entries),
	                         .entries = lab_entries,
	                         .n_sas = n,
	                         .sas = sas};
}

static inline void
set_group(struct member *m, const struct dp_group *g)
{
	assert_int_equal(m->dp->ops->set(m->dp, g), 0);
}

static inline void
set_sas(struct member *m, const struct dp_sa *sas, size_t n)
{
	struct dp_group g = group_of(sas, n);

	set_group(m, &g);
}

static inline struct dp_stat
stat_of(struct member *m)
{
	struct dp_stat s = {.n_sas = 0};

	assert_true(m->dp->ops->stat(m->dp, "G", &s));
	return s;
}

/* A packet of n octets in a buffer of its own. */
struct buffer {
	struct packet pkt;
	uint8_t bytes[4096];
};

static inline void
packet_init(struct buffer *b, uint32_t src, uint32_t dst, uint8_t proto, size_t n)
{
	struct ip4 h = {.tos = 0x28,
	                .ttl = 63,
	                .proto = proto,
	                .total = (uint16_t)n,
	                .id = 77,
	                .src = src,
	                .dst = dst};
	size_t i;

	b->pkt = packet_in(b->bytes, sizeof(b->bytes), n);
	for (i = IP4_HEADER; i < n; i++)
		packet_data(&b->pkt)[i] = (uint8_t)(i * 31);
	ip4_write(packet_data(&b->pkt), &h);
}

static inline enum esp_verdict
out_at(struct member *m, struct buffer *b, msec now)
{
	size_t mtu;

	return esp_output(m->port, &b->pkt, false, MTU, &mtu, now);
}

static inline enum esp_verdict
send_out(struct member *m, struct buffer *b)
{
	return out_at(m, b, 0);
}

static inline enum esp_verdict
in_at(struct member *m, const struct buffer *b, msec now)
{
	struct buffer *copy = x_memdup(b, sizeof(*b));
	enum esp_verdict v;

	copy->pkt.buf = copy->bytes;
	v = esp_input(m->port, &copy->pkt, false, now);
	free(copy);
	return v;
}

static inline enum esp_verdict
take_in(struct member *m, const struct buffer *b)
{
	return in_at(m, b, 0);
}

#endif
