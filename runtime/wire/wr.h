/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing bytes for the wire into a caller's buffer: the mirror of rd.h. What does not fit is not
 * written and `bad` sticks; lengths that are known later are patched in.
 */
#ifndef TESTUDO_WR_H
#define TESTUDO_WR_H

#include <string.h>

#include "compiler/base/base.h"

struct wr {
	uint8_t *buf;
	size_t n, size;
	bool bad;
};

static inline struct wr
wr_buf(void *buf, size_t size)
{
	return (struct wr){.buf = buf, .size = size};
}

/* Room for n octets, NULL when there is none. */
static inline uint8_t *
wr_room(struct wr *w, size_t n)
{
	uint8_t *p = w->buf + w->n;

	if (w->bad || w->size - w->n < n) {
		w->bad = true;
		return NULL;
	}
	w->n += n;
	return p;
}

static inline void
wr_bytes(struct wr *w, const void *data, size_t n)
{
	uint8_t *p = wr_room(w, n);

	if (p && n)
		memcpy(p, data, n);
}

static inline void
wr_span(struct wr *w, struct span s)
{
	wr_bytes(w, s.p, s.n);
}

static inline void
wr_u8(struct wr *w, uint8_t v)
{
	wr_bytes(w, &v, 1);
}

static inline void
wr_u16(struct wr *w, uint16_t v)
{
	wr_bytes(w, (uint8_t[]){(uint8_t)(v >> 8), (uint8_t)v}, 2);
}

static inline void
wr_u32(struct wr *w, uint32_t v)
{
	wr_u16(w, (uint16_t)(v >> 16));
	wr_u16(w, (uint16_t)v);
}

static inline void
wr_u64(struct wr *w, uint64_t v)
{
	wr_u32(w, (uint32_t)(v >> 32));
	wr_u32(w, (uint32_t)v);
}

/* Overwrites what is already there. */
static inline void
wr_patch16(struct wr *w, size_t at, size_t v)
{
	if (w->bad || v > UINT16_MAX || at + 2 > w->n) {
		w->bad = true;
		return;
	}
	w->buf[at] = (uint8_t)(v >> 8);
	w->buf[at + 1] = (uint8_t)v;
}

static inline struct span
wr_done(const struct wr *w)
{
	if (w->bad)
		return (struct span){0};
	return SPAN(w->buf, w->n);
}

#endif
