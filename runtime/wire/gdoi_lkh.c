/* SPDX-License-Identifier: Apache-2.0 */
/* LKH key packets: see gdoi_lkh.h. Layouts: RFC 6407 5.6.3.1 and 5.6.3.2. */
#include "runtime/wire/gdoi_lkh.h"

#include "runtime/wire/isakmp.h"

#define VERSION    1
#define KEY_HEADER 16 /* octets of an LKH key before its data */

static void
key_get(struct rd *r, size_t size, struct gdoi_lkh_key *k)
{
	k->id = rd_u16(r);
	k->type = rd_u8(r);
	rd_u8(r); /* RESERVED */
	k->created = rd_u32(r);
	k->expires = rd_u32(r);
	k->handle = rd_u32(r);
	k->data = rd_take(r, size);
}

static void
key_put(struct wr *w, const struct gdoi_lkh_key *k)
{
	wr_u16(w, k->id);
	wr_u8(w, k->type);
	wr_u8(w, 0);
	wr_u32(w, k->created);
	wr_u32(w, k->expires);
	wr_u32(w, k->handle);
	wr_span(w, k->data);
}

static bool
array_get(struct rd *r, bool update, struct gdoi_lkh_array *a)
{
	uint8_t version = rd_u8(r);
	size_t n = rd_u16(r), i, size;

	*a = (struct gdoi_lkh_array){0};
	rd_u8(r); /* RESERVED */
	if (update) {
		a->id = rd_u16(r);
		rd_u16(r); /* RESERVED2 */
		a->handle = rd_u32(r);
	}
	if (r->bad || version != VERSION || !n || n > LKH_PATH_MAX || rd_left(r) % n)
		return false;
	size = rd_left(r) / n;
	if (size <= KEY_HEADER || size > KEY_HEADER + LKH_DATA_MAX)
		return false;
	a->n = n;
	for (i = 0; i < n; i++)
		key_get(r, size - KEY_HEADER, &a->keys[i]);
	return rd_done(r);
}

/*
 * An array as an attribute of the long form, whose length is patched in at the end. head: what an
 * update has of its own; NULL: a download.
 */
static void
array_put(struct wr *w, const struct gdoi_lkh_array *head, const struct gdoi_lkh_key *keys,
          size_t n)
{
	size_t start = w->n;

	wr_u16(w, head ? LKH_UPDATE_ARRAY : LKH_DOWNLOAD_ARRAY);
	wr_u16(w, 0);
	wr_u8(w, VERSION);
	wr_u16(w, (uint16_t)n);
	wr_u8(w, 0);
	if (head) {
		wr_u16(w, head->id);
		wr_u16(w, 0);
		wr_u32(w, head->handle);
	}
	for (size_t i = 0; i < n; i++)
		key_put(w, &keys[i]);
	wr_patch16(w, start + 2, w->n - start - 4);
}

void
gdoi_lkh_put_download(struct wr *w, const struct gdoi_lkh_key *keys, size_t n)
{
	array_put(w, NULL, keys, n);
}

void
gdoi_lkh_put_update(struct wr *w, uint16_t id, uint32_t handle, const struct gdoi_lkh_key *keys,
                    size_t n)
{
	array_put(w, &(struct gdoi_lkh_array){.id = id, .handle = handle}, keys, n);
}

bool
gdoi_lkh_next(struct rd *r, struct gdoi_lkh *ret)
{
	struct attribute a;
	struct rd body;
	bool array;

	if (!rd_left(r) || !attribute_get(r, &a))
		return false;
	ret->type = a.type;
	array = a.type == LKH_DOWNLOAD_ARRAY || a.type == LKH_UPDATE_ARRAY;
	if (!array && a.type != LKH_SIG_ALGORITHM_KEY)
		return true;
	body = rd_span(a.bytes);
	if (a.basic || (array && !array_get(&body, a.type == LKH_UPDATE_ARRAY, &ret->array))) {
		r->bad = true;
		return false;
	}
	ret->sig_key = SPAN(NULL, 0);
	if (!array)
		ret->sig_key = a.bytes;
	return true;
}

bool
gdoi_lkh_check(struct span attributes)
{
	struct rd r = rd_span(attributes);
	struct gdoi_lkh lkh;
	unsigned downloads = 0;

	while (gdoi_lkh_next(&r, &lkh))
		downloads += lkh.type == LKH_DOWNLOAD_ARRAY;
	return rd_done(&r) && downloads <= 1;
}

void
gdoi_lkh_put_sig_key(struct wr *w, struct span key)
{
	attribute_put_bytes(w, LKH_SIG_ALGORITHM_KEY, key);
}
