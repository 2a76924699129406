/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Siblings in the order of their numbers (access list entries, policies, map entries): a treap, so
 * that numbered lines pasted in any order cost a logarithm each. Links live in the nodes; nothing
 * is allocated. Priorities follow from the keys, so the same lines give the same shape.
 */
#ifndef TESTUDO_ORDER_H
#define TESTUDO_ORDER_H

#include "compiler/base/base.h"

struct order_link {
	struct order_link *left, *right;
	uint64_t key; /* the number in the upper half; below, what tells equal numbers apart */
};

/* Adds a link whose key is set and in the index only once. */
void order_add(struct order_link **root, struct order_link *link);
/* Takes out a link that is in the index. */
void order_remove(struct order_link **root, struct order_link *link);

/* The greatest key below, the least from `key` on, and the greatest of all; NULL: none. */
struct order_link *order_below(struct order_link *root, uint64_t key);
struct order_link *order_from(struct order_link *root, uint64_t key);
struct order_link *order_last(struct order_link *root);

#endif
