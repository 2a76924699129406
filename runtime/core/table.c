/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table with the links in the objects: see table.h. */
#include "runtime/core/table.h"

#include <stdlib.h>

#define TABLE_SIZE_MIN 16

static struct link **
bucket_of(const struct table *t, uint64_t key)
{
	/* Fibonacci hashing: the high bits of the product depend on all bits of the key. */
	uint64_t h = (key ^ key >> 32) * 0x9e3779b97f4a7c15u;

	return &t->buckets[(h >> 32) & (t->size - 1)];
}

static void
grow_table(struct table *t)
{
	struct table wider = {.size = t->size ? t->size * 2 : TABLE_SIZE_MIN, .n = t->n};
	size_t i;

	wider.buckets = x_alloc(wider.size * sizeof(struct link *));
	for (i = 0; i < t->size; i++) {
		struct link *l, *next;

		for (l = t->buckets[i]; l; l = next) {
			struct link **b = bucket_of(&wider, l->key);

			next = l->next;
			l->next = *b;
			*b = l;
		}
	}
	free(t->buckets);
	*t = wider;
}

void
table_fini(struct table *t)
{
	free(t->buckets);
	*t = (struct table){0};
}

void
table_put(struct table *t, struct link *l, uint64_t key)
{
	struct link **b;

	if (t->n >= t->size)
		grow_table(t);
	b = bucket_of(t, key);
	l->key = key;
	l->next = *b;
	*b = l;
	t->n++;
}

void
table_remove(struct table *t, struct link *l)
{
	struct link **p;

	for (p = bucket_of(t, l->key); *p != l; p = &(*p)->next)
		;
	*p = l->next;
	l->next = NULL;
	t->n--;
}

static struct link *
skip_to_key(struct link *l, uint64_t key)
{
	while (l && l->key != key)
		l = l->next;
	return l;
}

struct link *
table_find(const struct table *t, uint64_t key)
{
	return t->size ? skip_to_key(*bucket_of(t, key), key) : NULL;
}

struct link *
table_next(const struct link *l)
{
	return skip_to_key(l->next, l->key);
}
