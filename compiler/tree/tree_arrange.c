/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and places among siblings, other than those they came with: see tree.h. */
#include "compiler/tree/tree_parts.h"

#include <stdlib.h>

/* --- room for a number ------------------------------------------------------------------------ */

#define NUMBER_MAX INT32_MAX
#define STRIDE     16 /* between numbers that are given one after the other at one place */

static uint32_t
count_entries(const struct kin *k)
{
	const struct tnode *n;
	uint32_t count = 0;

	for (n = k->first; n; n = tree_with_key(n->next, k->key))
		count++;
	return count;
}

/* Numbers the entries of a key anew. */
static void
number_entries(struct kin *k, uint32_t order, uint32_t step)
{
	struct tnode *n;

	k->root = NULL;
	for (n = k->first; n; n = (struct tnode *)tree_with_key(n->next, k->key), order += step) {
		n->order = order;
		n->place.key = (uint64_t)n->order << 32 | (uint32_t)n->place.key;
		order_add(&k->root, &n->place);
	}
}

/* The same with as much room between them as there is. */
static void
spread_numbers(struct kin *k)
{
	uint32_t room = NUMBER_MAX / (count_entries(k) + 1);

	number_entries(k, room, room);
}

bool
tree_renumber(const struct tnode *parent, enum gram_key key, uint32_t start, uint32_t step)
{
	struct kin *k = tree_kin(parent, (uint16_t)key);
	uint32_t count = k ? count_entries(k) : 0;

	if (count && (uint64_t)start + (uint64_t)(count - 1) * step > NUMBER_MAX)
		return false;
	if (count)
		number_entries(k, start, step);
	return true;
}

/* The room between a node and the one before it, which is *ret_low's; 0: this is the first. */
static uint32_t
room_before(const struct kin *k, const struct tnode *n, const struct tnode **ret_low)
{
	*ret_low = tree_node_of(order_below(k->root, n->place.key));
	return n->order - (*ret_low ? (*ret_low)->order : 0);
}

/*
 * Lines inserted one after the other, each before or behind the last, take little of the room each;
 * so numbers are given anew once in thousands of lines.
 */
uint32_t
tree_make_room(struct tree *t, const struct tnode *before)
{
	struct kin *k = tree_kin(before->parent, before->entry->key);
	const struct tnode *low;
	uint32_t room = room_before(k, before, &low), part;

	if (room < 2) {
		spread_numbers(k);
		room = room_before(k, before, &low);
	}
	part = room / 2 < STRIDE ? room / 2 : STRIDE;
	if ((uint32_t)before->place.key + 1 == t->serial)
		return before->order - part;
	if (low && (uint32_t)low->place.key + 1 == t->serial)
		return low->order + part;
	return before->order - room / 2;
}

/* --- another order ---------------------------------------------------------------------------- */

struct placed {
	struct tnode *node;
	const struct tnode *twin; /* in the other tree; NULL: none */
	size_t place;
};

static int
by_place(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	return x->place < y->place ? -1 : x->place > y->place;
}

static int
by_address(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	return x->node < y->node ? -1 : x->node > y->node;
}

/* The children with the places they shall have. The caller frees. */
static struct placed *
placed_children(const struct tree *t, struct tnode *parent, const struct tnode *as, size_t *ret_n)
{
	struct placed *list, *found;
	const struct tnode *twin;
	struct tnode *n;
	size_t count = 0, i = 0;

	for (n = parent->first; n; n = n->next)
		count++;
	list = x_alloc((count + 1) * sizeof(*list));
	for (n = parent->first; n; n = n->next, i++)
		list[i] = (struct placed){n, NULL, SIZE_MAX / 2 + i};
	qsort(list, count, sizeof(*list), by_address);
	for (twin = as->first, i = 0; twin; twin = twin->next, i++) {
		struct placed key = {.node = (struct tnode *)tree_like(t, parent, twin)};

		found = key.node && count ? bsearch(&key, list, count, sizeof(*list), by_address)
		                          : NULL;
		if (found) {
			found->twin = twin;
			found->place = i;
		}
	}
	qsort(list, count, sizeof(*list), by_place);
	*ret_n = count;
	return list;
}

static void
arrange_children(struct tree *t, struct tnode *parent, const struct tnode *as)
{
	struct placed *list;
	struct kin *k;
	size_t n, i;

	list = placed_children(t, parent, as, &n);
	parent->first = parent->last = NULL;
	for (k = parent->children; k; k = k->next) {
		k->first = NULL;
		k->root = NULL;
	}
	for (i = 0; i < n; i++)
		tree_link_node(t, list[i].node);
	for (i = 0; i < n; i++)
		if (list[i].twin) {
			list[i].node->line = list[i].twin->line;
			arrange_children(t, list[i].node, list[i].twin);
		}
	free(list);
}

void
tree_arrange(struct tree *t, const struct tree *as)
{
	arrange_children(t, &t->root, &as->root);
}
