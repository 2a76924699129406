/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A packet in its buffer, with room before and after for what ESP adds; its header (IPv4, RFC 791)
 * and its flow. Shared by the userspace dataplane, the filter and the hosts that feed them.
 */
#ifndef TESTUDO_PACKET_H
#define TESTUDO_PACKET_H

#include "compiler/policy/prefix.h"
#include "compiler/policy/protocol.h"

/*
 * The most that ESP puts before a packet (IPv4 20, ESP 8, IV 16, time 8) and after it (17 and ICV
 * 32).
 */
#define PACKET_HEADROOM 64
#define PACKET_TAILROOM 64

#define IP4_HEADER      20
#define IP4_PACKET_MAX  65535

/*
 * In the 16 bits at octet 6 of a header: do not fragment, more fragments, where (in eight octets).
 */
#define IP4_DF     0x4000
#define IP4_MF     0x2000
#define IP4_OFFSET 0x1fff

struct ip4 {
	uint8_t header; /* octets, with options */
	uint8_t tos, ttl, proto;
	uint16_t total, id;
	uint16_t offset; /* of a fragment, octets */
	bool df, mf;
	uint32_t src, dst;
};

/* What the bytes are, as packet_read has found. */
enum packet_family {
	PACKET_UNREAD, /* nobody has looked at them, or they have changed since */
	PACKET_IP4
};

/*
 * A packet's header is read once, and what was read goes along with the packet to whoever handles
 * it next.
 */
struct packet {
	uint8_t *buf; /* size octets, owned by whoever made the packet */
	size_t size;
	size_t at, n; /* the packet is buf[at .. at + n) */
	enum packet_family family;
	struct ip4 ip4; /* PACKET_IP4: its header */
	bool has_flow;  /* false: it ends before the ports that its protocol has */
	struct flow flow;
};

/* A packet of n octets that stands in a buffer of `size`, behind the room for what ESP adds. */
static inline struct packet
packet_in(uint8_t *buf, size_t size, size_t n)
{
	return (struct packet){.buf = buf, .size = size, .at = PACKET_HEADROOM, .n = n};
}

/* The bytes, to be changed: what was read of them does not hold any more. */
static inline uint8_t *
packet_data(struct packet *p)
{
	p->family = PACKET_UNREAD;
	return p->buf + p->at;
}

/* The bytes, to be looked at. */
static inline struct span
packet_span(const struct packet *p)
{
	return SPAN(p->buf + p->at, p->n);
}

/*
 * Reads the header and the flow, unless that was done. False unless the header is right
 * (ip4_parse). What the link added behind the packet is not the packet's: n becomes what the header
 * says.
 */
bool packet_read(struct packet *p);
/* A router forwards it: counts the time to live down. The packet was read, and stays so. */
void packet_forward(struct packet *p);

static inline uint16_t
packet_get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
packet_get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline void
packet_put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void
packet_put32(uint8_t *p, uint32_t v)
{
	packet_put16(p, (uint16_t)(v >> 16));
	packet_put16(p + 2, (uint16_t)v);
}

/*
 * The flow of a packet that need not be whole, such as an ICMP error quotes; nothing is checked.
 * False when the header is not all there, or ports are missing.
 */
bool flow_of_packet(struct span packet, struct flow *ret);
/* False unless version, lengths and header checksum are right and the packet is all there. */
bool ip4_parse(struct span bytes, struct ip4 *ret);
/* Writes a header without options and its checksum; h->header is taken to be IP4_HEADER. */
void ip4_write(uint8_t *p, const struct ip4 *h);
/* Computes the header checksum anew; the header must be whole. */
void ip4_refresh(uint8_t *p);
/* The Internet checksum (RFC 1071) over the bytes, starting from a sum of other parts. */
uint16_t ip4_checksum(uint32_t sum, struct span bytes);
/* The sum that a UDP pseudo header contributes. */
uint32_t ip4_pseudo(uint32_t src, uint32_t dst, uint8_t proto, size_t n);

#endif
