/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access lists with an index. Entries that ask for the same bits of the addresses (the same two
 * masks; with a protocol or without; for one destination port or not) form a tuple, and lie in
 * one hash table by these bits: a list of ten thousand hosts is one look-up. As many look-ups as a
 * list has tuples find all entries that can match; the first in the list's order decides, and a
 * tuple whose first entry stands behind it is not asked any more.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/filter/filter_priv.h"

#define LINEAR_MAX 16 /* shorter lists are looked at entry by entry */
#define NONE       UINT32_MAX

struct acl_tuple {
	uint32_t src_mask, dst_mask;
	bool by_proto, by_dport;
	uint32_t first; /* entry */
	size_t n;       /* entries */
	size_t buckets; /* a power of two */
	uint32_t *heads;
};

void
filter_acl_init(struct filter_acl *a, const struct policy_acl *acl)
{
	*a = (struct filter_acl){.acl = acl};
	a->hits = x_alloc(acl->n_aces * sizeof(*a->hits));
	for (size_t i = 0; i < acl->n_aces && !a->logs; i++)
		if (acl->aces[i].log)
			a->logs = x_alloc(acl->n_aces * sizeof(*a->logs));
}

void
filter_acl_fini(struct filter_acl *a)
{
	for (size_t i = 0; i < a->n_tuples; i++)
		free(a->tuples[i].heads);
	free(a->tuples);
	free(a->next);
	free(a->logs);
	free(a->hits);
}

/* --- counts over a change --------------------------------------------------------------------- */

struct kept {
	uint32_t key;
	size_t at;
};

static uint32_t
key_of(const struct policy_ace *e)
{
	return e->hash ? e->hash : e->seq;
}

static int
kept_order(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

static struct kept *
kept_sorted(const struct policy_acl *acl)
{
	struct kept *list = x_alloc(acl->n_aces * sizeof(*list));

	for (size_t i = 0; i < acl->n_aces; i++)
		list[i] = (struct kept){key_of(&acl->aces[i]), i};
	qsort(list, acl->n_aces, sizeof(*list), kept_order);
	return list;
}

static void
inherit_hits(struct filter_acl *a, size_t i, const struct filter_acl *old, size_t k)
{
	a->hits[i] = old->hits[k];
	if (a->logs && old->logs)
		a->logs[i] = old->logs[k];
}

/* Most often nothing but a few entries has changed: then both run side by side. */
void
filter_acl_inherit(struct filter_acl *a, const struct filter_acl *old)
{
	const size_t n = old->acl->n_aces;
	struct kept *sorted = NULL, *found;
	size_t k = 0;

	for (size_t i = 0; n && i < a->acl->n_aces; i++) {
		const struct kept want = {.key = key_of(&a->acl->aces[i])};

		if (k >= n || key_of(&old->acl->aces[k]) != want.key) {
			if (!sorted)
				sorted = kept_sorted(old->acl);
			found = bsearch(&want, sorted, n, sizeof(*sorted), kept_order);
			if (!found)
				continue;
			k = found->at;
		}
		inherit_hits(a, i, old, k++);
	}
	free(sorted);
}

/* --- the index -------------------------------------------------------------------------------- */

static struct acl_tuple
tuple_of(const struct policy_acl *acl, const struct policy_ace *e)
{
	struct acl_tuple t = {.src_mask = e->src_mask};

	if (acl->standard)
		return t;
	t.dst_mask = e->dst_mask;
	t.by_proto = e->proto != 0;
	t.by_dport = e->n_dport == 1 && e->dport[0].lo == e->dport[0].hi;
	return t;
}

static bool
tuple_same(const struct acl_tuple *a, const struct acl_tuple *b)
{
	return a->src_mask == b->src_mask && a->dst_mask == b->dst_mask &&
	       a->by_proto == b->by_proto && a->by_dport == b->by_dport;
}

static size_t
bucket_of(const struct acl_tuple *t, uint32_t src, uint32_t dst, uint8_t proto, uint16_t dport)
{
	uint64_t h = (uint64_t)(src & t->src_mask) << 32 | (dst & t->dst_mask);

	if (t->by_proto)
		h ^= (uint64_t)(proto + 1) << 17;
	h *= 0x9e3779b97f4a7c15;
	h ^= h >> 29;
	if (t->by_dport)
		h += dport;
	h *= 0xbf58476d1ce4e5b9;
	return (size_t)(h >> 32) & (t->buckets - 1);
}

static struct acl_tuple *
tuple_find(struct filter_acl *a, const struct acl_tuple *want)
{
	for (size_t i = 0; i < a->n_tuples; i++)
		if (tuple_same(&a->tuples[i], want))
			return &a->tuples[i];
	return NULL;
}

static struct acl_tuple *
tuple_get(struct filter_acl *a, size_t *capacity, const struct acl_tuple *want)
{
	struct acl_tuple *t = tuple_find(a, want);

	if (t)
		return t;
	x_grow(&a->tuples, capacity, a->n_tuples + 1, sizeof(*a->tuples));
	a->tuples[a->n_tuples] = *want;
	return &a->tuples[a->n_tuples++];
}

static void
tuples_gather(struct filter_acl *a)
{
	size_t capacity = 0;

	for (size_t i = 0; i < a->acl->n_aces; i++) {
		const struct acl_tuple want = tuple_of(a->acl, &a->acl->aces[i]);
		struct acl_tuple *t = tuple_get(a, &capacity, &want);

		if (!t->n++)
			t->first = (uint32_t)i; /* so they come out by their first entry */
	}
	for (size_t i = 0; i < a->n_tuples; i++) {
		struct acl_tuple *t = &a->tuples[i];

		for (t->buckets = 1; t->buckets < t->n * 2; t->buckets *= 2)
			;
		t->heads = x_alloc(t->buckets * sizeof(*t->heads));
		memset(t->heads, 0xff, t->buckets * sizeof(*t->heads));
	}
}

/* From the last entry to the first, so that every bucket is in the list's order. */
static void
index_build(struct filter_acl *a)
{
	const struct policy_acl *acl = a->acl;

	tuples_gather(a);
	a->next = x_alloc(acl->n_aces * sizeof(*a->next));
	for (size_t i = acl->n_aces; i-- > 0;) {
		const struct policy_ace *e = &acl->aces[i];
		const struct acl_tuple want = tuple_of(acl, e);
		struct acl_tuple *t = tuple_find(a, &want);
		uint32_t *head;

		assert(t); /* tuples_gather made it */
		head = &t->heads[bucket_of(t, e->src, e->dst, e->proto, e->dport[0].lo)];

		a->next[i] = *head;
		*head = (uint32_t)i;
	}
	a->indexed = true;
}

int
filter_acl_match(struct filter_acl *a, const struct flow *f)
{
	uint32_t best = NONE, i;

	/*
	 * A later fragment carries no ports: an entry may match it although the bits of its tuple
	 * differ.
	 */
	if (a->acl->n_aces <= LINEAR_MAX || f->fragment)
		return policy_acl_match(a->acl, f);
	if (!a->indexed)
		index_build(a);
	for (size_t k = 0; k < a->n_tuples && a->tuples[k].first < best; k++) {
		const struct acl_tuple *t = &a->tuples[k];

		i = t->heads[bucket_of(t, f->src, f->dst, f->proto, f->dport)];
		while (i < best && !policy_ace_match(a->acl, &a->acl->aces[i], f))
			i = a->next[i];
		if (i < best)
			best = i;
	}
	return best == NONE ? -1 : (int)best;
}
