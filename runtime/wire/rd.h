/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading bytes from the wire. Past the end a reader gives zeros and `bad` sticks: read straight
 * down, ask rd_done once, and use nothing before. A length from the wire is only ever given to
 * rd_sub, which cannot leave its parent.
 */
#ifndef TESTUDO_RD_H
#define TESTUDO_RD_H

#include "compiler/base/base.h"

struct rd {
	const uint8_t *p, *end;
	bool bad;
};

/* An empty span may point nowhere; a reader never does, for NULL + 0 is undefined. */
static inline struct rd
rd_span(struct span s)
{
	const uint8_t *p = s.p ? s.p : (const uint8_t *)"";

	return (struct rd){.p = p, .end = p + s.n};
}

static inline size_t
rd_left(const struct rd *r)
{
	return r->bad ? 0 : (size_t)(r->end - r->p);
}

/* n octets, or an empty span and `bad`. */
static inline struct span
rd_take(struct rd *r, size_t n)
{
	struct span s = {.p = r->p, .n = n};

	if (rd_left(r) < n) {
		r->bad = true;
		return (struct span){0};
	}
	r->p += n;
	return s;
}

static inline uint8_t
rd_u8(struct rd *r)
{
	struct span s = rd_take(r, 1);

	return s.p ? s.p[0] : 0;
}

static inline uint16_t
rd_u16(struct rd *r)
{
	struct span s = rd_take(r, 2);

	return s.p ? (uint16_t)(s.p[0] << 8 | s.p[1]) : 0;
}

static inline uint32_t
rd_u32(struct rd *r)
{
	uint32_t high = rd_u16(r);

	return high << 16 | rd_u16(r);
}

static inline uint64_t
rd_u64(struct rd *r)
{
	uint64_t high = rd_u32(r);

	return high << 32 | rd_u32(r);
}

/* A reader of the next n octets; when there are fewer, both are bad. */
static inline struct rd
rd_sub(struct rd *r, size_t n)
{
	struct rd sub = rd_span(rd_take(r, n));

	sub.bad = r->bad;
	return sub;
}

static inline struct span
rd_rest(struct rd *r)
{
	return rd_take(r, rd_left(r));
}

/* Nothing but zeros, or nothing at all. */
static inline bool
span_is_zero(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i])
			return false;
	return true;
}

/* All there, nothing left over. */
static inline bool
rd_done(const struct rd *r)
{
	return !r->bad && r->p == r->end;
}

#endif
