/* SPDX-License-Identifier: Apache-2.0 */
/* The ISAKMP header, payload chain, attributes and simple payloads: see isakmp.h. */
#include "runtime/wire/isakmp.h"

bool
isakmp_header_get(struct span dgram, struct isakmp_header *ret)
{
	struct rd r = rd_span(dgram);
	struct span ci = rd_take(&r, COOKIE_SIZE), cr = rd_take(&r, COOKIE_SIZE);

	if (r.bad)
		return false;
	memcpy(ret->cookie_i, ci.p, COOKIE_SIZE);
	memcpy(ret->cookie_r, cr.p, COOKIE_SIZE);
	ret->next = rd_u8(&r);
	ret->version = rd_u8(&r);
	ret->exchange = rd_u8(&r);
	ret->flags = rd_u8(&r);
	ret->message_id = rd_u32(&r);
	ret->length = rd_u32(&r);
	return !r.bad && ret->length >= ISAKMP_HEADER && ret->length <= dgram.n;
}

void
isakmp_header_put(struct wr *w, const struct isakmp_header *h)
{
	wr_bytes(w, h->cookie_i, COOKIE_SIZE);
	wr_bytes(w, h->cookie_r, COOKIE_SIZE);
	wr_u8(w, h->next);
	wr_u8(w, h->version);
	wr_u8(w, h->exchange);
	wr_u8(w, h->flags);
	wr_u32(w, h->message_id);
	wr_u32(w, h->length);
}

void
isakmp_finish(struct wr *w)
{
	struct wr length = wr_buf(w->buf + 24, 4);

	if (!w->bad && w->n >= ISAKMP_HEADER)
		wr_u32(&length, (uint32_t)w->n);
}

bool
isakmp_payloads_get(uint8_t first, struct span chain, bool padded, struct isakmp_payloads *ret)
{
	struct rd r = rd_span(chain);
	uint8_t type = first;

	ret->n = 0;
	while (type != PAYLOAD_NONE) {
		struct isakmp_payload *p = &ret->at[ret->n];
		const uint8_t *start = r.p;
		uint8_t next = rd_u8(&r), reserved = rd_u8(&r);
		uint16_t length = rd_u16(&r);

		if (r.bad || reserved || length < 4 || ret->n == ISAKMP_PAYLOADS_MAX)
			return false;
		p->type = type;
		p->body = rd_take(&r, length - 4u);
		p->whole = SPAN(start, length);
		if (r.bad)
			return false;
		ret->n++;
		type = next;
	}
	ret->used = chain.n - rd_left(&r);
	return padded || rd_done(&r);
}

const struct isakmp_payload *
isakmp_payload_find(const struct isakmp_payloads *p, uint8_t type)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->at[i].type == type)
			return &p->at[i];
	return NULL;
}

size_t
isakmp_payload_count(const struct isakmp_payloads *p, uint8_t type)
{
	size_t i, n = 0;

	for (i = 0; i < p->n; i++)
		n += p->at[i].type == type;
	return n;
}

void
isakmp_payload_begin(struct wr *w, struct isakmp_chain *c, uint8_t type)
{
	if (!w->bad)
		w->buf[c->next_at] = type;
	c->start = w->n;
	c->next_at = w->n;
	wr_u32(w, 0);
}

void
isakmp_payload_end(struct wr *w, struct isakmp_chain *c)
{
	wr_patch16(w, c->start + 2, w->n - c->start);
}

void
isakmp_payload_put(struct wr *w, struct isakmp_chain *c, uint8_t type, struct span body)
{
	isakmp_payload_begin(w, c, type);
	wr_span(w, body);
	isakmp_payload_end(w, c);
}

/* --- attributes ------------------------------------------------------------------------------- */

#define ATTRIBUTE_BASIC 0x8000

bool
attribute_get(struct rd *r, struct attribute *ret)
{
	uint16_t type;

	if (!rd_left(r))
		return false;
	*ret = (struct attribute){0};
	type = rd_u16(r);
	ret->basic = type & ATTRIBUTE_BASIC;
	ret->type = type & (uint16_t)~ATTRIBUTE_BASIC;
	ret->value = rd_u16(r);
	if (!ret->basic) {
		ret->bytes = rd_take(r, ret->value);
		ret->value = 0;
	}
	return !r->bad;
}

bool
attribute_number(const struct attribute *a, uint32_t *ret)
{
	struct rd r = rd_span(a->bytes);
	uint32_t v = 0;

	if (a->basic) {
		*ret = a->value;
		return true;
	}
	if (!a->bytes.n || a->bytes.n > 4)
		return false;
	while (rd_left(&r))
		v = v << 8 | rd_u8(&r);
	*ret = v;
	return true;
}

void
attribute_put_basic(struct wr *w, uint16_t type, uint16_t value)
{
	wr_u16(w, type | ATTRIBUTE_BASIC);
	wr_u16(w, value);
}

void
attribute_put_bytes(struct wr *w, uint16_t type, struct span bytes)
{
	wr_u16(w, type);
	if (bytes.n > UINT16_MAX)
		w->bad = true;
	wr_u16(w, (uint16_t)bytes.n);
	wr_span(w, bytes);
}

void
attribute_put_number(struct wr *w, uint16_t type, uint32_t value)
{
	if (value <= UINT16_MAX) {
		attribute_put_basic(w, type, (uint16_t)value);
		return;
	}
	wr_u16(w, type);
	wr_u16(w, 4);
	wr_u32(w, value);
}

/* --- ID, NOTIFY, DELETE ----------------------------------------------------------------------- */

bool
isakmp_id_get(struct span body, struct isakmp_id *ret)
{
	struct rd r = rd_span(body);

	ret->type = rd_u8(&r);
	ret->proto = rd_u8(&r);
	ret->port = rd_u16(&r);
	ret->data = rd_rest(&r);
	return rd_done(&r);
}

void
isakmp_id_put(struct wr *w, const struct isakmp_id *id)
{
	wr_u8(w, id->type);
	wr_u8(w, id->proto);
	wr_u16(w, id->port);
	wr_span(w, id->data);
}

bool
isakmp_notify_get(struct span body, struct isakmp_notify *ret)
{
	struct rd r = rd_span(body);
	uint8_t spi_size;

	ret->doi = rd_u32(&r);
	ret->proto = rd_u8(&r);
	spi_size = rd_u8(&r);
	ret->type = rd_u16(&r);
	ret->spi = rd_take(&r, spi_size);
	ret->data = rd_rest(&r);
	return rd_done(&r);
}

void
isakmp_notify_put(struct wr *w, const struct isakmp_notify *n)
{
	wr_u32(w, n->doi);
	wr_u8(w, n->proto);
	wr_u8(w, (uint8_t)n->spi.n);
	wr_u16(w, n->type);
	wr_span(w, n->spi);
	wr_span(w, n->data);
}

bool
isakmp_delete_get(struct span body, struct isakmp_delete *ret)
{
	struct rd r = rd_span(body);

	ret->doi = rd_u32(&r);
	ret->proto = rd_u8(&r);
	ret->spi_size = rd_u8(&r);
	ret->n = rd_u16(&r);
	ret->spis = rd_take(&r, (size_t)ret->n * ret->spi_size);
	return rd_done(&r);
}

void
isakmp_delete_put(struct wr *w, const struct isakmp_delete *d)
{
	wr_u32(w, d->doi);
	wr_u8(w, d->proto);
	wr_u8(w, d->spi_size);
	wr_u16(w, d->n);
	wr_span(w, d->spis);
}
