/* SPDX-License-Identifier: Apache-2.0 */
/* The order of siblings: where a new node stands, and the numbers of those that have one. */
#include "compiler/tree/tree_parts.h"

/*
 * The sibling that n comes behind; NULL: it comes first. By its number among those of its key,
 * behind those of the same number; anything else at the end.
 */
static struct tnode *
place_of(struct tree *t, struct tnode *n, struct kin *k)
{
	struct tnode *before, *behind;

	if (!n->entry->order)
		return n->parent->last;
	n->place.key = (uint64_t)n->order << 32 | t->serial++;
	before = tree_node_of(order_below(k->root, n->place.key));
	behind = tree_node_of(order_from(k->root, n->place.key));
	order_add(&k->root, &n->place);
	if (before)
		return before;
	return behind ? behind->prev : n->parent->last;
}

void
tree_link_node(struct tree *t, struct tnode *n)
{
	struct tnode *parent = n->parent, *after;
	struct kin *k = tree_kin(parent, n->entry->key);

	if (!k) {
		k = x_alloc(sizeof(*k));
		*k = (struct kin){.next = parent->children, .key = n->entry->key};
		parent->children = k;
	}
	after = place_of(t, n, k);
	/* The node becomes the first of its key only when its number is the smallest */
	if (!k->first || after == k->first->prev)
		k->first = n;
	n->prev = after;
	n->next = after ? after->next : parent->first;
	if (n->next)
		n->next->prev = n;
	else
		parent->last = n;
	if (after)
		after->next = n;
	else
		parent->first = n;
}

/* The order after the last one, for entries numbered automatically. */
uint32_t
tree_next_order(const struct tnode *parent, const struct gram_entry *e)
{
	const struct kin *k = tree_kin(parent, e->key);
	const struct tnode *last = k ? tree_node_of(order_last(k->root)) : NULL;

	return last ? last->order / e->step * e->step + e->step : e->step;
}

struct tnode *
tree_find_order(const struct tnode *parent, uint16_t key, uint32_t order)
{
	const struct kin *k = tree_kin(parent, key);
	struct tnode *n = k ? tree_node_of(order_from(k->root, (uint64_t)order << 32)) : NULL;

	return n && n->order == order ? n : NULL;
}
