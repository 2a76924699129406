/* SPDX-License-Identifier: Apache-2.0 */
/* Where those stand who configure: see tree.h. */
#include "compiler/tree/tree_parts.h"

void
tree_enter(struct tree *t, struct tree_place *place)
{
	if (!place->at) {
		place->next = t->places;
		t->places = place;
	}
	place->at = &t->root;
}

void
tree_leave(struct tree *t, struct tree_place *place)
{
	struct tree_place **p = &t->places;

	if (!place->at)
		return;
	while (*p != place)
		p = &(*p)->next;
	*p = place->next;
	place->at = NULL;
}

bool
tree_is_entered(const struct tree *t, enum gram_key key)
{
	for (const struct tree_place *p = t->places; p; p = p->next)
		for (const struct tnode *n = p->at; n->entry; n = n->parent)
			if (n->entry->key == key)
				return true;
	return false;
}
