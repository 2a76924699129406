/* SPDX-License-Identifier: Apache-2.0 */
/* See vrf.h. */
#include "compiler/policy/vrf.h"

#include <stdio.h>
#include <string.h>

/* RFC 4364 4.2: what the six octets behind the type are. */
enum { TYPE_AS2 = 0, TYPE_ADDRESS = 1, TYPE_AS4 = 2 };

bool
vrf_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

const struct policy_vrf *
policy_vrf_find(const struct policy *p, const char *name)
{
	for (size_t i = 0; i < p->n_vrfs; i++)
		if (strcmp(p->vrfs[i].name, name) == 0)
			return &p->vrfs[i];
	return NULL;
}

/* A decimal number up to max; what follows it is in *text. */
static bool
read_number(const char **text, uint64_t max, uint64_t *ret)
{
	const char *p = *text;
	uint64_t n = 0;

	for (; *p >= '0' && *p <= '9'; p++) {
		n = n * 10 + (uint64_t)(*p - '0');
		if (n > max)
			return false;
	}
	if (p == *text)
		return false;
	*text = p;
	*ret = n;
	return true;
}

static bool
read_address(const char *text, size_t length, uint32_t *ret)
{
	char copy[ADDR_TEXT_MAX];

	if (length >= sizeof(copy))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	return addr_parse(copy, ret);
}

bool
route_target_read(const char *text, uint64_t *ret)
{
	const char *colon = strchr(text, ':'), *p = text;
	uint64_t head, tail;
	uint32_t addr;

	if (!colon)
		return false;
	if (read_address(text, (size_t)(colon - text), &addr)) {
		p = colon + 1;
		if (!read_number(&p, UINT16_MAX, &tail) || *p)
			return false;
		*ret = (uint64_t)TYPE_ADDRESS << 48 | (uint64_t)addr << 16 | tail;
		return true;
	}
	if (!read_number(&p, UINT32_MAX, &head) || p++ != colon ||
	    !read_number(&p, head > UINT16_MAX ? UINT16_MAX : UINT32_MAX, &tail) || *p)
		return false;
	*ret = head > UINT16_MAX ? (uint64_t)TYPE_AS4 << 48 | head << 16 | tail
	                         : (uint64_t)TYPE_AS2 << 48 | head << 32 | tail;
	return true;
}

const char *
route_target_text(uint64_t value, char buf[static ROUTE_TARGET_TEXT_MAX])
{
	char addr[ADDR_TEXT_MAX];
	uint32_t head = (uint32_t)(value >> 16);

	switch (value >> 48) {
	case TYPE_ADDRESS:
		snprintf(buf, ROUTE_TARGET_TEXT_MAX, "%s:%u", addr_text(head, addr),
		         (unsigned)(value & UINT16_MAX));
		break;
	case TYPE_AS4:
		snprintf(buf, ROUTE_TARGET_TEXT_MAX, "%u:%u", head, (unsigned)(value & UINT16_MAX));
		break;
	default:
		snprintf(buf, ROUTE_TARGET_TEXT_MAX, "%u:%u", (unsigned)(value >> 32 & UINT16_MAX),
		         (unsigned)value);
	}
	return buf;
}
