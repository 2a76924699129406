/* SPDX-License-Identifier: Apache-2.0 */
/* Packets, their IPv4 headers and flows, read and written: see packet.h. */
#include "runtime/packet/packet.h"

static uint32_t
sum_words(uint32_t sum, struct span bytes)
{
	size_t i;

	/* 65535 octets of 0xffff stay below 2^31: no carry is lost. */
	for (i = 0; i + 1 < bytes.n; i += 2)
		sum += packet_get16(bytes.p + i);
	if (bytes.n & 1)
		sum += (uint32_t)bytes.p[bytes.n - 1] << 8;
	return sum;
}

uint16_t
ip4_checksum(uint32_t sum, struct span bytes)
{
	sum = sum_words(sum, bytes);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

uint32_t
ip4_pseudo(uint32_t src, uint32_t dst, uint8_t proto, size_t n)
{
	return (src >> 16) + (src & 0xffff) + (dst >> 16) + (dst & 0xffff) + proto + (uint32_t)n;
}

bool
ip4_parse(struct span bytes, struct ip4 *ret)
{
	const uint8_t *p = bytes.p;
	uint16_t frag;
	struct ip4 h;

	if (bytes.n < IP4_HEADER || p[0] >> 4 != 4)
		return false;
	h.header = (uint8_t)((p[0] & 15) * 4);
	h.total = packet_get16(p + 2);
	if (h.header < IP4_HEADER || h.total < h.header || h.total > bytes.n)
		return false;
	if (ip4_checksum(0, SPAN(p, h.header)) != 0)
		return false;
	h.tos = p[1];
	h.id = packet_get16(p + 4);
	frag = packet_get16(p + 6);
	h.df = frag & IP4_DF;
	h.mf = frag & IP4_MF;
	h.offset = (uint16_t)((frag & IP4_OFFSET) * 8);
	h.ttl = p[8];
	h.proto = p[9];
	h.src = packet_get32(p + 12);
	h.dst = packet_get32(p + 16);
	*ret = h;
	return true;
}

void
ip4_write(uint8_t *p, const struct ip4 *h)
{
	p[0] = 0x45;
	p[1] = h->tos;
	packet_put16(p + 2, h->total);
	packet_put16(p + 4, h->id);
	packet_put16(p + 6, (uint16_t)((h->df ? IP4_DF : 0) | (h->mf ? IP4_MF : 0) |
	                               (h->offset / 8 & IP4_OFFSET)));
	p[8] = h->ttl;
	p[9] = h->proto;
	packet_put32(p + 12, h->src);
	packet_put32(p + 16, h->dst);
	ip4_refresh(p);
}

void
ip4_refresh(uint8_t *p)
{
	packet_put16(p + 10, 0);
	packet_put16(p + 10, ip4_checksum(0, SPAN(p, (size_t)(p[0] & 15) * 4)));
}

/* --- flows ------------------------------------------------------------------------------------ */

#define TCP_FLAGS 13 /* octet of the TCP header (RFC 9293 3.1) */

/* What stands behind the header; addresses, protocol and `fragment` are known. */
static bool
flow_read_transport(struct flow *f, const uint8_t *p, size_t n)
{
	if (f->fragment)
		return true;
	if (f->proto == PROTO_TCP || f->proto == PROTO_UDP) {
		if (n < 4)
			return false;
		f->sport = packet_get16(p);
		f->dport = packet_get16(p + 2);
	}
	if (f->proto == PROTO_TCP && n > TCP_FLAGS)
		f->tcp_flags = p[TCP_FLAGS];
	if (f->proto == PROTO_ICMP && n > 1) {
		f->icmp_type = p[0];
		f->icmp_code = p[1];
	}
	return true;
}

bool
flow_of_packet(struct span packet, struct flow *ret)
{
	const uint8_t *p = packet.p;
	size_t header;

	if (packet.n < IP4_HEADER || p[0] >> 4 != 4)
		return false;
	header = (size_t)(p[0] & 15) * 4;
	if (header < IP4_HEADER || header > packet.n)
		return false;
	*ret = (struct flow){.src = packet_get32(p + 12),
	                     .dst = packet_get32(p + 16),
	                     .proto = p[9],
	                     .fragment = (packet_get16(p + 6) & IP4_OFFSET) != 0};
	return flow_read_transport(ret, p + header, packet.n - header);
}

/* --- packets ---------------------------------------------------------------------------------- */

bool
packet_read(struct packet *p)
{
	const struct ip4 *h = &p->ip4;

	if (p->family != PACKET_UNREAD)
		return true;
	if (!ip4_parse(packet_span(p), &p->ip4))
		return false;
	p->family = PACKET_IP4;
	p->n = h->total;
	p->flow = (struct flow){
	    .src = h->src, .dst = h->dst, .proto = h->proto, .fragment = h->offset != 0};
	p->has_flow = flow_read_transport(&p->flow, p->buf + p->at + h->header, p->n - h->header);
	return true;
}

void
packet_forward(struct packet *p)
{
	uint8_t *header = p->buf + p->at;

	header[8] = --p->ip4.ttl;
	ip4_refresh(header);
}
