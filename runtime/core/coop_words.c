/* SPDX-License-Identifier: Apache-2.0 */
/* How it is written, and compared: see coop_words.h. */
#include "runtime/core/coop_words.h"

#include <string.h>

#include "compiler/base/text.h"
#include "runtime/crypto/prf.h"
#include "runtime/wire/rd.h"
#include "runtime/wire/wr.h"

#define FORMAT 4

/* --- settings --------------------------------------------------------------------------------- */

static void
add_value(void *arg, enum alike which, struct span value)
{
	struct text *t = (struct text *)arg + which;

	/* With its length: the values of two `sa ipsec` are not those of two others. */
	text_printf(t, "%zu:", value.n);
	text_add(t, (const char *)value.p, value.n);
}

void
coop_settings_of(const struct policy_server *s, struct coop_settings *ret)
{
	struct text values[ALIKE_N] = {0};
	uint8_t hash[HASH_SIZE_MAX];

	policy_alike(s, add_value, values);
	for (size_t i = 0; i < ALIKE_N; i++) {
		HASH(HASH_SHA256, hash, SPAN(text_string(&values[i]), values[i].n));
		memcpy(ret->digests[i], hash, COOP_DIGEST);
		text_fini(&values[i]);
	}
	ret->n = ALIKE_N;
}

uint32_t
coop_settings_differ(const struct coop_settings *a, const struct coop_settings *b)
{
	uint32_t set = 0;

	for (size_t i = 0; i < a->n && i < b->n; i++)
		if (memcmp(a->digests[i], b->digests[i], COOP_DIGEST) != 0)
			set |= 1u << i;
	return set;
}

_Static_assert(ALIKE_N *COOP_DIGEST + COOP_KSSIDS + 40 <= COOP_WORDS_MAX, "room for the words");

/* --- words ------------------------------------------------------------------------------------ */

static size_t
begin_part(struct wr *w)
{
	wr_u16(w, 0);
	return w->n;
}

static void
end_part(struct wr *w, size_t from)
{
	wr_patch16(w, from - 2, w->n - from);
}

static void
put_state(struct wr *w, const struct coop_server *s)
{
	wr_u32(w, s->addr);
	wr_u8(w, s->priority);
	wr_u8(w, s->able);
	wr_u32(w, s->serial);
	wr_u32(w, s->epoch);
	wr_u8(w, (uint8_t)(s->dry | s->clash << 1 | s->missing << 2));
	wr_u8(w, s->timed);
	wr_u64(w, (uint64_t)s->time);
}

size_t
coop_words_put(const struct coop_server *s, uint8_t buf[static COOP_WORDS_MAX])
{
	struct wr w = wr_buf(buf, COOP_WORDS_MAX);
	size_t part;

	wr_u8(&w, FORMAT);
	part = begin_part(&w);
	put_state(&w, s);
	end_part(&w, part);
	part = begin_part(&w);
	wr_bytes(&w, s->settings.digests, s->settings.n * COOP_DIGEST);
	end_part(&w, part);
	part = begin_part(&w);
	wr_bytes(&w, s->kssids.bits, COOP_KSSIDS);
	end_part(&w, part);
	return wr_done(&w).n;
}

/* A part's reader; what it does not take is passed over. */
static struct rd
read_part(struct rd *r)
{
	return rd_sub(r, rd_u16(r));
}

static bool
take_state(struct rd r, struct coop_server *s)
{
	uint8_t needs;

	s->addr = rd_u32(&r);
	s->priority = rd_u8(&r);
	s->able = rd_u8(&r);
	s->serial = rd_u32(&r);
	s->epoch = rd_u32(&r);
	needs = rd_u8(&r);
	s->dry = needs & 1;
	s->clash = needs & 2;
	s->missing = needs & 4;
	s->timed = rd_u8(&r);
	s->time = (int64_t)rd_u64(&r);
	return !r.bad;
}

static bool
take_settings(struct rd r, struct coop_settings *s)
{
	const size_t n = rd_left(&r) / COOP_DIGEST;
	struct span digests;

	s->n = n < ALIKE_N ? n : ALIKE_N;
	digests = rd_take(&r, s->n * COOP_DIGEST);
	if (digests.n)
		memcpy(s->digests, digests.p, digests.n);
	return !r.bad;
}

static bool
take_kssids(struct rd r, struct coop_kssids *s)
{
	struct span bits = rd_take(&r, COOP_KSSIDS);

	if (bits.n)
		memcpy(s->bits, bits.p, bits.n);
	return !r.bad;
}

bool
coop_words_take(struct span words, struct coop_server *s)
{
	struct rd r = rd_span(words);
	struct coop_server said = *s;

	if (rd_u8(&r) != FORMAT || !take_state(read_part(&r), &said) ||
	    !take_settings(read_part(&r), &said.settings) ||
	    !take_kssids(read_part(&r), &said.kssids) || r.bad)
		return false;
	*s = said;
	return true;
}

bool
coop_words_equal(const struct coop_server *a, const struct coop_server *b)
{
	return a->addr == b->addr && a->priority == b->priority && a->able == b->able &&
	       a->serial == b->serial && a->epoch == b->epoch && a->dry == b->dry &&
	       a->timed == b->timed && a->clash == b->clash && a->missing == b->missing &&
	       coop_kssids_equal(&a->kssids, &b->kssids) &&
	       !coop_settings_differ(&a->settings, &b->settings);
}
