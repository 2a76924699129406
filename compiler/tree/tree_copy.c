/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of nodes, with all that is in them. */
#include "compiler/tree/tree_parts.h"

/* What is copied stands in a tree already, so that no limit is asked. */
static struct tnode *
copy_into(struct tree *t, struct tnode *parent, const struct tnode *from)
{
	struct tree_word *words = x_alloc(from->n_words * sizeof(*words));
	struct tnode *node;

	for (size_t i = 0; i < from->n_words; i++)
		words[i] = (struct tree_word){from->words[i].elem, x_strdup(from->words[i].text),
		                              from->words[i].number};
	node = tree_make(t, parent, from->entry, words, from->n_words, from->order, from->line);
	node->negated = from->negated;
	node->column = from->column;
	return node;
}

void
tree_copy_children(struct tree *t, struct tnode *to, const struct tnode *from)
{
	for (const struct tnode *n = from->first; n; n = n->next)
		tree_copy_children(t, copy_into(t, to, n), n);
}

struct tree *
tree_clone(const struct tree *t)
{
	struct tree *copy = tree_new_in((enum gram_mode)t->root.root_mode);

	tree_copy_children(copy, &copy->root, &t->root);
	return copy;
}
