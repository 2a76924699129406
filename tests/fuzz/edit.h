/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages edited as an input says: octets here and there, and payloads that are longer, gone,
 * there twice, of another type, or new, in a chain that keeps its form. For fuzz targets; each
 * includes it once.
 */
#ifndef TESTUDO_FUZZ_EDIT_H
#define TESTUDO_FUZZ_EDIT_H

#include <string.h>

#include "runtime/core/core.h"
#include "runtime/wire/isakmp.h"

#define MESSAGE 4096

/* --- the input -------------------------------------------------------------------------------- */

static struct span fuzz_input; /* what is left of it */

static inline uint8_t
next_octet(void)
{
	if (!fuzz_input.n)
		return 0;
	fuzz_input.n--;
	return *fuzz_input.p++;
}

static inline uint16_t
next_number(void)
{
	uint16_t high = next_octet();

	return (uint16_t)(high << 8 | next_octet());
}

/* Fills a place with octets of the input; zeros when it ends. */
static inline void
next_octets(uint8_t *p, size_t n)
{
	while (n--)
		*p++ = next_octet();
}

struct message {
	uint8_t to;
	struct path path; /* as the receiver sees it */
	size_t n;
	uint8_t bytes[MESSAGE];
};

/* --- edits ------------------------------------------------------------------------------------ */

struct piece {
	uint8_t type;
	size_t at, n; /* of the body */
};

struct pieces {
	size_t n;
	struct piece at[ISAKMP_PAYLOADS_MAX];
};

static inline void
find_pieces(const struct message *m, struct pieces *ret)
{
	size_t at = ISAKMP_HEADER;
	uint8_t type = m->bytes[16];

	ret->n = 0;
	while (type && at + 4 <= m->n && ret->n < ISAKMP_PAYLOADS_MAX) {
		size_t whole = (size_t)(m->bytes[at + 2] << 8 | m->bytes[at + 3]);

		if (whole < 4 || at + whole > m->n)
			break;
		ret->at[ret->n++] = (struct piece){type, at + 4, whole - 4};
		type = m->bytes[at];
		at += whole;
	}
}

struct writing {
	struct wr w;
	struct isakmp_chain chain;
	uint8_t buf[MESSAGE];
};

static inline void
begin_writing(struct writing *out, const uint8_t *header)
{
	out->w = wr_buf(out->buf, MESSAGE - 16);
	out->chain = ISAKMP_CHAIN;
	wr_bytes(&out->w, header, ISAKMP_HEADER);
	out->buf[16] = 0;
}

static inline void
put_piece(struct writing *out, uint8_t type, struct span body)
{
	if (type)
		isakmp_payload_put(&out->w, &out->chain, type, body);
}

/* Pads what is encrypted, and sets the length. */
static inline void
end_writing(struct writing *out, struct message *ret)
{
	if (out->w.bad)
		return;
	while (out->buf[19] & FLAG_ENCRYPTION && (out->w.n - ISAKMP_HEADER) % 16)
		wr_u8(&out->w, 0);
	isakmp_finish(&out->w);
	if (out->w.bad)
		return;
	ret->n = out->w.n;
	memcpy(ret->bytes, out->buf, out->w.n);
}

/* Octets of a payload's body, or of the whole message. */
static inline void
edit_octets(struct message *m, const struct piece *p)
{
	size_t n = 1 + next_octet() % 8, at = p->n ? next_number() % p->n : 0;

	if (n > p->n - at)
		n = p->n - at;
	if (p->n)
		next_octets(m->bytes + p->at + at, n);
}

/* The body has another length, its end from the input. */
static inline struct span
resize_body(const struct message *m, const struct piece *p, uint8_t *room)
{
	size_t n = next_number() % 512, same = n < p->n ? n : p->n;

	memcpy(room, m->bytes + p->at, same);
	next_octets(room + same, n - same);
	return SPAN(room, n);
}

enum edit { EDIT_RESIZE, EDIT_REMOVE, EDIT_DOUBLE, EDIT_RETYPE, EDIT_ADD, EDIT_LAST, EDITS };

/* Writes the chain again with one payload changed. */
static inline void
edit_chain(struct message *m, const struct pieces *p, size_t which, enum edit edit)
{
	static struct writing out;
	uint8_t room[512], type;
	size_t i;

	begin_writing(&out, m->bytes);
	for (i = 0; i < p->n; i++) {
		struct span body = SPAN(m->bytes + p->at[i].at, p->at[i].n);

		type = p->at[i].type;
		if (i == which && edit == EDIT_RESIZE)
			body = resize_body(m, &p->at[i], room);
		if (i == which && edit == EDIT_RETYPE)
			type = next_octet() % 24;
		if (i == which && edit == EDIT_REMOVE)
			continue;
		if ((i == which && edit == EDIT_LAST) || (i == which && edit == EDIT_DOUBLE))
			put_piece(&out, type, body);
		if (i == which && edit == EDIT_LAST)
			break;
		put_piece(&out, type, body);
		if (i == which && edit == EDIT_ADD) {
			size_t n = next_octet();

			type = next_octet() % 24;
			next_octets(room, n);
			put_piece(&out, type, SPAN(room, n));
		}
	}
	end_writing(&out, m);
}

static inline void
edit_message(struct message *m)
{
	const struct piece header = {0, 0, ISAKMP_HEADER}, all = {0, 0, m->n};
	uint8_t kind = next_octet();
	struct pieces p;
	size_t which;

	find_pieces(m, &p);
	which = p.n ? (kind >> 4) % p.n : 0;
	switch (kind % 12) {
	case 0:
		edit_octets(m, &header);
		break;
	case 1:
		edit_octets(m, &all);
		break;
	case 2: /* cut */
		m->n = ISAKMP_HEADER + next_number() % (m->n - ISAKMP_HEADER + 1);
		break;
	case 3:
	case 4:
	case 5:
		if (p.n)
			edit_octets(m, &p.at[which]);
		break;
	default:
		if (p.n)
			edit_chain(m, &p, which, (enum edit)(kind % 12 - 6));
		break;
	}
}

#endif
