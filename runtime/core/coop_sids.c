/* SPDX-License-Identifier: Apache-2.0 */
/* Pools of sender identifiers: see coop_sids.h. */
#include "runtime/core/coop_sids.h"

#include <string.h>

#include "runtime/wire/rd.h"
#include "runtime/wire/wr.h"

#define OLD_SIZE 12 /* octets: an epoch, and how many are taken of the pool of all */

size_t
coop_put_sids(const struct coop_sids *s, uint8_t *buf)
{
	struct wr w = wr_buf(buf, COOP_SIDS_MAX);

	wr_u32(&w, s->epoch);
	wr_u8(&w, (uint8_t)s->n);
	for (size_t i = 0; i < s->n; i++) {
		wr_bytes(&w, s->pools[i].kssids.bits, COOP_KSSIDS);
		wr_u64(&w, s->pools[i].next);
	}
	return wr_done(&w).n;
}

/* One pool, of all: so were they kept before there was more than one. */
static bool
get_old_sids(struct span value, struct coop_sids *ret)
{
	struct rd r = rd_span(value);

	*ret = (struct coop_sids){.epoch = rd_u32(&r), .n = 1};
	memset(ret->pools[0].kssids.bits, 0xff, COOP_KSSIDS);
	ret->pools[0].next = rd_u64(&r);
	return rd_done(&r);
}

bool
coop_get_sids(struct span value, struct coop_sids *ret)
{
	struct rd r = rd_span(value);

	if (value.n == OLD_SIZE)
		return get_old_sids(value, ret);
	*ret = (struct coop_sids){.epoch = rd_u32(&r)};
	ret->n = rd_u8(&r);
	if (ret->n > COOP_POOLS_MAX)
		return false;
	for (size_t i = 0; i < ret->n && !r.bad; i++) {
		struct span bits = rd_take(&r, COOP_KSSIDS);

		if (bits.n)
			memcpy(ret->pools[i].kssids.bits, bits.p, COOP_KSSIDS);
		ret->pools[i].next = rd_u64(&r);
	}
	return rd_done(&r);
}

static void
add_kssid(struct coop_kssids *s, unsigned kssid)
{
	if (kssid <= POLICY_KSSID_MAX)
		s->bits[kssid / 8] |= (uint8_t)(1u << kssid % 8);
}

void
coop_kssids_of(const struct policy_kssids *ranges, size_t n, unsigned sid_bits,
               struct coop_kssids *ret)
{
	const unsigned there = 1u << policy_kssid_bits(sid_bits);

	*ret = (struct coop_kssids){{0}};
	for (size_t i = 0; i < n; i++)
		for (unsigned k = ranges[i].low; k <= ranges[i].high && k < there; k++)
			add_kssid(ret, k);
	if (!n || coop_kssids_size(ret, sid_bits) == (uint64_t)1 << sid_bits)
		memset(ret->bits, 0xff, COOP_KSSIDS);
}

bool
coop_kssids_equal(const struct coop_kssids *a, const struct coop_kssids *b)
{
	return !memcmp(a->bits, b->bits, COOP_KSSIDS);
}

uint64_t
coop_kssids_size(const struct coop_kssids *s, unsigned sid_bits)
{
	const unsigned bits = policy_kssid_bits(sid_bits);
	uint64_t n = 0;

	for (unsigned k = 0; k < 1u << bits; k++)
		n += s->bits[k / 8] >> k % 8 & 1u;
	return n << (sid_bits - bits);
}

bool
coop_kssids_meet(const struct coop_kssids *a, const struct coop_kssids *b)
{
	for (size_t i = 0; i < COOP_KSSIDS; i++)
		if (a->bits[i] & b->bits[i])
			return true;
	return false;
}

size_t
coop_pool_find(const struct coop_sids *s, const struct coop_kssids *kssids)
{
	size_t i = 0;

	while (i < s->n && !coop_kssids_equal(&s->pools[i].kssids, kssids))
		i++;
	return i;
}

struct coop_pool *
coop_pool_get(struct coop_sids *s, const struct coop_kssids *kssids)
{
	size_t at = coop_pool_find(s, kssids);

	for (size_t i = 0; i < s->n && at == s->n; i++)
		if (coop_kssids_meet(&s->pools[i].kssids, kssids))
			return NULL;
	if (at == COOP_POOLS_MAX)
		return NULL;
	if (at == s->n)
		s->pools[s->n++] = (struct coop_pool){.kssids = *kssids};
	return &s->pools[at];
}

uint64_t
coop_sids_beyond(uint64_t seen, uint64_t each, uint64_t all)
{
	const uint64_t margin = COOP_SERVERS_MAX * each;

	return seen < all && all - seen > margin ? seen + margin : all;
}

bool
coop_sids_cover(const struct coop_sids *record, const struct coop_sids *known)
{
	for (size_t i = 0; i < known->n; i++) {
		size_t at = coop_pool_find(record, &known->pools[i].kssids);

		if (at == record->n || record->pools[at].next < known->pools[i].next)
			return false;
	}
	return true;
}
