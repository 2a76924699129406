/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hash table of objects that carry their own link. Several objects may have one key: walk on with
 * table_next. The key is the caller's to make hard to guess where a stranger could choose it.
 */
#ifndef TESTUDO_TABLE_H
#define TESTUDO_TABLE_H

#include "compiler/base/base.h"

struct link {
	struct link *next;
	uint64_t key;
};

struct table {
	struct link **buckets;
	size_t size, n; /* size: a power of two, 0 before the first object */
};

void table_fini(struct table *t); /* the objects are their owners' */
void table_put(struct table *t, struct link *l, uint64_t key);
void table_remove(struct table *t, struct link *l);
struct link *table_find(const struct table *t, uint64_t key); /* NULL: none */
struct link *table_next(const struct link *l);                /* the next of the same key */

#define CONTAINER(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#endif
