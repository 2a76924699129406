/* SPDX-License-Identifier: Apache-2.0 */
/* The IPv4 header, read and written: see packet.h. */
#include "runtime/packet/packet.h"

#define FLAG_DF     0x4000
#define FLAG_MF     0x2000
#define OFFSET_MASK 0x1fff

static uint32_t
sum16(uint32_t sum, struct span bytes)
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
	sum = sum16(sum, bytes);
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
	h.df = frag & FLAG_DF;
	h.mf = frag & FLAG_MF;
	h.offset = (uint16_t)((frag & OFFSET_MASK) * 8);
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
	packet_put16(p + 6, (uint16_t)((h->df ? FLAG_DF : 0) | (h->mf ? FLAG_MF : 0) |
	                               (h->offset / 8 & OFFSET_MASK)));
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
