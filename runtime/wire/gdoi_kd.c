/* SPDX-License-Identifier: Apache-2.0 */
/* The key download payload: see gdoi.h. Layouts: RFC 6407 5.6. */
#include "runtime/wire/gdoi.h"

enum { KEY_ALGORITHM = 1, KEY_AUTH = 2 }; /* of TEK and KEK alike, RFC 6407 5.6.1, 5.6.2 */
enum { SID_BITS = 1, SID_VALUE = 2 };     /* 5.6.4 */

/* Sender identifiers: values of up to 32 bits; those beyond the maximum are passed over. */
static bool
sids_get(struct rd *r, struct gdoi_key *key)
{
	struct attribute a;
	uint32_t number;

	while (attribute_get(r, &a)) {
		if (!attribute_number(&a, &number))
			return false;
		if (a.type == SID_BITS)
			key->sid_bits = number <= UINT16_MAX ? (uint16_t)number : 0;
		else if (a.type == SID_VALUE && !a.basic && key->n_sids < GDOI_SIDS_MAX)
			key->sids[key->n_sids++] = number;
	}
	return rd_done(r);
}

static void
sids_put(struct wr *w, const struct gdoi_key *key)
{
	size_t i, octets = (key->sid_bits + 7u) / 8;

	attribute_put_basic(w, SID_BITS, key->sid_bits);
	for (i = 0; i < key->n_sids; i++) {
		uint8_t bytes[4];
		struct wr four = wr_buf(bytes, sizeof(bytes));

		wr_u32(&four, key->sids[i]);
		if (octets < 1 || octets > sizeof(bytes))
			octets = sizeof(bytes);
		attribute_put_bytes(w, SID_VALUE, SPAN(bytes + sizeof(bytes) - octets, octets));
	}
}

static bool
key_get(struct rd *r, struct gdoi_key *key)
{
	struct attribute a;
	uint16_t length;
	struct rd sub;

	*key = (struct gdoi_key){.type = rd_u8(r)};
	rd_u8(r); /* RESERVED */
	length = rd_u16(r);
	if (r->bad || length < 5)
		return false;
	sub = rd_sub(r, length - 4u);
	key->spi = rd_take(&sub, rd_u8(&sub));
	if (key->type == KD_SID) /* it has no SPI: MUST be, 5.6.4 */
		return !key->spi.n && sids_get(&sub, key);
	if (key->type == KD_LKH) {
		key->lkh = rd_rest(&sub);
		return rd_done(&sub) && gdoi_lkh_check(key->lkh);
	}
	if (key->type != KD_TEK && key->type != KD_KEK) {
		rd_rest(&sub);
		return rd_done(&sub);
	}
	while (attribute_get(&sub, &a)) {
		if (a.basic)
			continue;
		if ((a.type == KEY_ALGORITHM && key->key.n) || (a.type == KEY_AUTH && key->auth.n))
			return false; /* exactly one of each: 5.6.1, 5.6.2 */
		if (a.type == KEY_ALGORITHM)
			key->key = a.bytes;
		else if (a.type == KEY_AUTH)
			key->auth = a.bytes;
	}
	return rd_done(&sub);
}

static void
key_put(struct wr *w, const struct gdoi_key *k)
{
	size_t start = w->n;

	wr_u8(w, k->type);
	wr_u8(w, 0);
	wr_u16(w, 0);
	wr_u8(w, (uint8_t)k->spi.n);
	wr_span(w, k->spi);
	if (k->type == KD_SID)
		sids_put(w, k);
	wr_span(w, k->lkh);
	if (k->key.n)
		attribute_put_bytes(w, KEY_ALGORITHM, k->key);
	if (k->auth.n)
		attribute_put_bytes(w, KEY_AUTH, k->auth);
	wr_patch16(w, start + 2, w->n - start);
}

static unsigned
count_packets(const struct gdoi_kd *kd, enum kd_type type)
{
	unsigned n = 0;

	for (size_t i = 0; i < kd->n; i++)
		n += kd->keys[i].type == type;
	return n;
}

bool
gdoi_kd_get(struct span body, struct gdoi_kd *ret)
{
	struct rd r = rd_span(body);
	uint16_t count = rd_u16(&r), i;

	rd_u16(&r); /* RESERVED2 */
	ret->n = 0;
	if (r.bad || !count || count > GDOI_KEYS_MAX)
		return false;
	for (i = 0; i < count; i++)
		if (!key_get(&r, &ret->keys[ret->n++]))
			return false;
	/* 5.6.2, 5.6.3: there MUST be only one of either. */
	return rd_done(&r) && count_packets(ret, KD_KEK) <= 1 && count_packets(ret, KD_LKH) <= 1;
}

void
gdoi_kd_put(struct wr *w, const struct gdoi_kd *kd)
{
	wr_u16(w, (uint16_t)kd->n);
	wr_u16(w, 0);
	for (size_t i = 0; i < kd->n; i++)
		key_put(w, &kd->keys[i]);
}
