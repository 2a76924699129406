/* SPDX-License-Identifier: Apache-2.0 */
/* A ring of SA payloads: see offers.h. */
#include "runtime/core/offers.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define UNIT       4 /* the ring is counted in so many octets */
#define PLACE_BITS 22
#define FRAGMENT   (32 - PLACE_BITS) /* bits of the tag that the index has beside the place */

/* Before each body. n == 0: nothing more before the ring's end. */
struct record {
	uint32_t source;
	uint32_t tag;
	uint16_t n;    /* octets of the body */
	uint8_t again; /* it came again since it was last at the tail */
	uint8_t spare;
};

struct offers {
	uint64_t key;
	uint8_t row_key[SIPHASH_KEY];    /* made of the key of all hashes; nothing of it is sent */
	size_t size, index_size, shares; /* octets; places; slots */
	unsigned index_bits;
	uint8_t *ring;   /* NULL: not used yet */
	uint32_t *index; /* by tag: place of the record + 1, with a fragment of the tag; 0: free */
	/* Octets in the ring by sender; those who fall into one slot are counted together. */
	uint32_t *by_source, *by_net;
	size_t head, tail, used; /* octets, with what is left over at the end */
	size_t n;
};

/* A body is longer than one octet, so no body has one of these two hashes. */
static void
make_row_key(const uint8_t key[SIPHASH_KEY], uint8_t ret[SIPHASH_KEY])
{
	for (uint8_t half = 0; half < 2; half++) {
		uint64_t hash = siphash(key, SPAN(&half, 1));

		memcpy(ret + half * sizeof(hash), &hash, sizeof(hash));
	}
}

struct offers *
offers_new(const uint8_t key[SIPHASH_KEY], size_t octets)
{
	struct offers *o = x_alloc(sizeof(*o));

	assert(octets >= 65536 && octets < UNIT << PLACE_BITS && octets % UNIT == 0);
	memcpy(&o->key, key, sizeof(o->key));
	o->key |= 1;
	make_row_key(key, o->row_key);
	o->size = octets;
	for (o->index_bits = 10; 1u << o->index_bits < octets / 32; o->index_bits++)
		;
	o->index_size = (size_t)1 << o->index_bits;
	o->shares = o->index_size / 8;
	return o;
}

void
offers_free(struct offers *o)
{
	if (!o)
		return;
	free(o->ring);
	free(o->index);
	free(o->by_source);
	free(o->by_net);
	free(o);
}

static void
begin_use(struct offers *o)
{
	if (o->ring)
		return;
	o->ring = x_alloc(o->size);
	o->index = x_alloc(o->index_size * sizeof(*o->index));
	o->by_source = x_alloc(o->shares * sizeof(*o->by_source));
	o->by_net = x_alloc(o->shares * sizeof(*o->by_net));
}

uint32_t
offers_tag(uint64_t hash)
{
	return (uint32_t)hash & ((1u << OFFERS_TAG_BITS) - 1);
}

/* --- records ---------------------------------------------------------------------------------- */

static size_t
record_size(size_t body)
{
	return (sizeof(struct record) + body + UNIT - 1) / UNIT * UNIT;
}

static struct record
record_at(const struct offers *o, size_t at)
{
	struct record r;

	memcpy(&r, o->ring + at, sizeof(r));
	return r;
}

static void
write_record(struct offers *o, size_t at, const struct record *r)
{
	memcpy(o->ring + at, r, sizeof(*r));
}

static struct span
body_at(const struct offers *o, size_t at)
{
	return SPAN(o->ring + at + sizeof(struct record), record_at(o, at).n);
}

/* --- who has how much ------------------------------------------------------------------------- */

static uint32_t *
share_of(const struct offers *o, uint32_t *shares, uint32_t who)
{
	return &shares[((uint64_t)who + 1) * o->key >> 40 & (o->shares - 1)];
}

static void
add_shares(struct offers *o, const struct record *r, bool more)
{
	uint32_t n = (uint32_t)record_size(r->n);

	*share_of(o, o->by_source, r->source) += more ? n : -n;
	*share_of(o, o->by_net, r->source >> 8) += more ? n : -n;
}

static bool
is_much_more(uint32_t mine, uint32_t others)
{
	return mine > OFFERS_FAIR && mine / OFFERS_MORE > others;
}

/* Has this source so much more than that one that it may not displace what is its? */
static bool
must_spare(const struct offers *o, uint32_t mine, uint32_t its)
{
	return is_much_more(*share_of(o, o->by_source, mine), *share_of(o, o->by_source, its)) ||
	       is_much_more(*share_of(o, o->by_net, mine >> 8), *share_of(o, o->by_net, its >> 8));
}

/* --- the index: open addressing --------------------------------------------------------------- */

static uint32_t
entry_of(size_t at, uint32_t tag)
{
	return (uint32_t)(at / UNIT + 1) | tag << PLACE_BITS;
}

static size_t
place_of(uint32_t entry)
{
	return ((entry & ((1u << PLACE_BITS) - 1)) - 1) * UNIT;
}

/*
 * Where the row of a tag begins. A cookie shows the tag, so the row is a hash of it: nobody can
 * pick tags whose rows lie close together.
 */
static size_t
row_of(const struct offers *o, uint32_t tag)
{
	const uint8_t in[3] = {(uint8_t)(tag >> 16), (uint8_t)(tag >> 8), (uint8_t)tag};

	return siphash(o->row_key, SPAN(in, sizeof(in))) & (o->index_size - 1);
}

/* The place where the next record of a tag goes; false: none that a look-up gets to. */
static bool
index_find_free(const struct offers *o, uint32_t tag, size_t *ret)
{
	size_t row = row_of(o, tag);

	for (size_t i = 0; i < OFFERS_PROBES; i++) {
		size_t place = (row + i) & (o->index_size - 1);

		if (!o->index[place]) {
			*ret = place;
			return true;
		}
	}
	return false;
}

/* Closes the gap: what stands behind it and may stand in it moves up. */
static void
index_remove(struct offers *o, uint32_t tag, size_t at)
{
	size_t mask = o->index_size - 1, i = row_of(o, tag), j;

	while (o->index[i] != entry_of(at, tag))
		i = (i + 1) & mask;
	for (j = (i + 1) & mask; o->index[j]; j = (j + 1) & mask) {
		size_t home = row_of(o, record_at(o, place_of(o->index[j])).tag);

		if (((j - home) & mask) >= ((j - i) & mask)) {
			o->index[i] = o->index[j];
			i = j;
		}
	}
	o->index[i] = 0;
}

/* The next record of a tag in the index from *i on; false: none. *i is then behind it. */
static bool
index_next(const struct offers *o, uint32_t tag, size_t *i, size_t *ret_at)
{
	size_t row = row_of(o, tag);

	for (; o->ring && *i < OFFERS_PROBES; ++*i) {
		uint32_t entry = o->index[(row + *i) & (o->index_size - 1)];

		if (!entry)
			return false;
		if (entry >> PLACE_BITS == (tag & ((1u << FRAGMENT) - 1)) &&
		    record_at(o, place_of(entry)).tag == tag) {
			*ret_at = place_of(entry);
			++*i;
			return true;
		}
	}
	return false;
}

struct span
offers_next(const struct offers *o, uint32_t tag, size_t *at)
{
	size_t record;

	return index_next(o, tag, at, &record) ? body_at(o, record) : (struct span){0};
}

static bool
find_body(const struct offers *o, uint32_t tag, struct span body, size_t *ret_at)
{
	size_t i = 0;

	while (index_next(o, tag, &i, ret_at)) {
		struct span there = body_at(o, *ret_at);

		if (there.n == body.n && memcmp(there.p, body.p, body.n) == 0)
			return true;
	}
	return false;
}

bool
offers_has(const struct offers *o, uint32_t tag, struct span body)
{
	size_t at;

	return find_body(o, tag, body, &at);
}

/* --- the ring --------------------------------------------------------------------------------- */

/*
 * What is left over at the ring's end is used up once the head begins anew. As much stays free as
 * makes every record fit that moves from the tail to the head.
 */
static bool
fits_at_head(const struct offers *o, size_t need, size_t free)
{
	size_t rest = o->size - o->head;

	return o->used + (rest < need ? rest + need : need) + free <= o->size;
}

static bool
append_record(struct offers *o, const struct record *r, const uint8_t *body)
{
	size_t need = record_size(r->n), rest = o->size - o->head, place;

	if (!index_find_free(o, r->tag, &place))
		return false;
	if (rest < need) {
		if (rest >= sizeof(struct record))
			write_record(o, o->head, &(struct record){0});
		o->used += rest;
		o->head = 0;
	}
	o->index[place] = entry_of(o->head, r->tag);
	write_record(o, o->head, r);
	memcpy(o->ring + o->head + sizeof(*r), body, r->n);
	add_shares(o, r, true);
	o->head += need;
	o->used += need;
	o->n++;
	return true;
}

/* The oldest record's place; behind what was left over at the end. */
static size_t
find_tail(struct offers *o)
{
	size_t rest = o->size - o->tail;

	if (rest < sizeof(struct record) || !record_at(o, o->tail).n) {
		o->used -= rest;
		o->tail = 0;
	}
	return o->tail;
}

static void
drop_tail(struct offers *o, const struct record *r)
{
	index_remove(o, r->tag, o->tail);
	add_shares(o, r, false);
	o->tail += record_size(r->n);
	o->used -= record_size(r->n);
	o->n--;
}

static void
move_to_head(struct offers *o, struct record *r)
{
	uint8_t body[OFFERS_BODY_MAX];
	size_t n = r->n;

	memcpy(body, body_at(o, o->tail).p, n);
	drop_tail(o, r);
	r->again = false;
	if (fits_at_head(o, record_size(n), 0))
		(void)append_record(o, r, body);
}

static bool
make_room(struct offers *o, uint32_t source, size_t need)
{
	unsigned chances = OFFERS_CHANCES;

	while (!fits_at_head(o, need, record_size(OFFERS_BODY_MAX)) ||
	       o->n >= o->index_size / 4 * 3) {
		struct record r = record_at(o, find_tail(o));
		bool spare = must_spare(o, source, r.source);

		if (!chances && spare)
			return false;
		if (chances && (spare || r.again)) {
			chances--;
			move_to_head(o, &r);
		} else {
			drop_tail(o, &r);
		}
	}
	return true;
}

/* One that is there has come again; it is counted at who has less. */
static void
refresh_record(struct offers *o, size_t at, uint32_t source)
{
	struct record r = record_at(o, at);

	r.again = true;
	if (*share_of(o, o->by_source, source) < *share_of(o, o->by_source, r.source)) {
		add_shares(o, &r, false);
		r.source = source;
		add_shares(o, &r, true);
	}
	write_record(o, at, &r);
}

bool
offers_put(struct offers *o, uint32_t source, uint32_t tag, struct span body)
{
	struct record r = {.source = source, .tag = tag, .n = (uint16_t)body.n};
	size_t at;

	assert(body.n && body.n <= OFFERS_BODY_MAX);
	begin_use(o);
	if (find_body(o, tag, body, &at)) {
		refresh_record(o, at, source);
		return true;
	}
	return index_find_free(o, tag, &at) && make_room(o, source, record_size(body.n)) &&
	       append_record(o, &r, body.p);
}

size_t
offers_count(const struct offers *o)
{
	return o->n;
}

size_t
offers_octets(const struct offers *o)
{
	return o->size + o->index_size * sizeof(*o->index) + 2 * o->shares * sizeof(*o->by_source) +
	       sizeof(*o);
}
