/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses, prefixes and selectors: see prefix.h. */
#include "compiler/policy/prefix.h"

#include "compiler/policy/protocol.h"

uint32_t
prefix_mask(uint8_t len)
{
	return len == 0 ? 0 : len >= 32 ? UINT32_MAX : UINT32_MAX << (32 - len);
}

uint32_t
addr_class_mask(uint32_t addr)
{
	if (!addr)
		return 0;
	return addr >> 31 == 0 ? 0xff000000u : addr >> 30 == 2 ? 0xffff0000u : 0xffffff00u;
}

bool
mask_is_contiguous(uint32_t mask)
{
	return (~mask & (~mask + 1)) == 0;
}

uint8_t
mask_len(uint32_t mask)
{
	return (uint8_t)__builtin_popcount(mask);
}

bool
prefix_contains(struct prefix p, uint32_t addr)
{
	return ((p.addr ^ addr) & prefix_mask(p.len)) == 0;
}

const char *
addr_text(uint32_t addr, char buf[static ADDR_TEXT_MAX])
{
	char *at = buf;

	for (int shift = 24; shift >= 0; shift -= 8) {
		unsigned part = addr >> shift & 255;

		if (part >= 100)
			*at++ = (char)('0' + part / 100);
		if (part >= 10)
			*at++ = (char)('0' + part / 10 % 10);
		*at++ = (char)('0' + part % 10);
		*at++ = shift ? '.' : '\0';
	}
	return buf;
}

bool
addr_parse(const char *text, uint32_t *ret)
{
	uint32_t addr = 0;
	int part;

	for (part = 0; part < 4; part++) {
		unsigned value = 0, digits = 0;

		for (; *text >= '0' && *text <= '9'; text++, digits++) {
			value = value * 10 + (unsigned)(*text - '0');
			if (digits == 3 || value > 255)
				return false;
		}
		if (!digits || (part < 3 ? *text++ != '.' : *text != '\0'))
			return false;
		addr = addr << 8 | value;
	}
	*ret = addr;
	return true;
}

/*
 * Later fragments show no ports. So a permit counts there by what they do show, since they may
 * belong to what it protects, and a deny of ports excepts none of them: RFC 4301 7.
 */
static bool
port_match(const struct selector *s, uint16_t want, uint16_t have, bool fragment)
{
	return !want || (fragment ? s->permit : want == have);
}

bool
selector_match(const struct selector *s, const struct flow *f)
{
	return ((s->src ^ f->src) & s->src_mask) == 0 && ((s->dst ^ f->dst) & s->dst_mask) == 0 &&
	       (!s->proto || s->proto == f->proto) &&
	       port_match(s, s->sport, f->sport, f->fragment) &&
	       port_match(s, s->dport, f->dport, f->fragment);
}

bool
selector_equal(const struct selector *a, const struct selector *b)
{
	return a->permit == b->permit && a->proto == b->proto && a->src == b->src &&
	       a->src_mask == b->src_mask && a->dst == b->dst && a->dst_mask == b->dst_mask &&
	       a->sport == b->sport && a->dport == b->dport;
}

struct selector
selector_reverse(const struct selector *s)
{
	return (struct selector){.permit = s->permit,
	                         .proto = s->proto,
	                         .src = s->dst,
	                         .src_mask = s->dst_mask,
	                         .dst = s->src,
	                         .dst_mask = s->src_mask,
	                         .sport = s->dport,
	                         .dport = s->sport};
}
