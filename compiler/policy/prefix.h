/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IPv4 addresses (host byte order throughout), prefixes, and the selector: one entry of a group's
 * traffic policy. A mask has a 1 for every bit that counts; an IOS wildcard is its complement. A
 * selector's masks need not be contiguous, as a wildcard need not be.
 */
#ifndef TESTUDO_PREFIX_H
#define TESTUDO_PREFIX_H

#include "compiler/base/base.h"

struct prefix {
	uint32_t addr;
	uint8_t len; /* 0..32 */
};

#define ADDR_TEXT_MAX 16 /* "255.255.255.255" and its end */

/* What a packet shows a selector: addresses, protocol, ports (0 where the protocol has none). */
struct flow {
	uint32_t src, dst;
	uint8_t proto;
	uint16_t sport, dport;
	bool fragment;                /* not the first: ports, flags and type unknown */
	uint8_t tcp_flags;            /* of a TCP packet, else 0 */
	uint8_t icmp_type, icmp_code; /* of an ICMP packet, else 0 */
};

/* One line of policy: traffic to encrypt (permit) or to leave alone; the first match decides. */
struct selector {
	bool permit;
	uint8_t proto; /* IP protocol; 0: any */
	uint32_t src, src_mask;
	uint32_t dst, dst_mask;
	uint16_t sport, dport; /* 0: any */
};

#define MULTICAST      0xe0000000u /* 224.0.0.0/4 */
#define MULTICAST_MASK 0xf0000000u

static inline bool
addr_is_multicast(uint32_t addr)
{
	return (addr & MULTICAST_MASK) == MULTICAST;
}

uint32_t prefix_mask(uint8_t len);
/* The mask of the address's class: of A 8 bits, of B 16, else 24; of 0.0.0.0 none. */
uint32_t addr_class_mask(uint32_t addr);
bool mask_is_contiguous(uint32_t mask);
uint8_t mask_len(uint32_t mask); /* number of one bits */
bool prefix_contains(struct prefix p, uint32_t addr);

/* "10.1.23.3" into buf (ADDR_TEXT_MAX); returns buf, so that it serves as a printf argument. */
const char *addr_text(uint32_t addr, char buf[static ADDR_TEXT_MAX]);
bool addr_parse(const char *text, uint32_t *ret); /* dotted quad only, each part 0..255 */

bool selector_match(const struct selector *s, const struct flow *f);
bool selector_equal(const struct selector *a, const struct selector *b);
/* Source and destination exchanged: what a reply looks like. */
struct selector selector_reverse(const struct selector *s);

#endif
