/* SPDX-License-Identifier: Apache-2.0 */
/* A config tree without some of its nodes. */
#include "compiler/tree/tree_parts.h"

static void
filter_children(struct tree *t, struct tnode *parent,
                bool (*keep)(void *arg, const struct tnode *n), void *arg)
{
	struct tnode *n, *next;

	for (n = parent->first; n; n = next) {
		next = n->next;
		if (keep(arg, n))
			filter_children(t, n, keep, arg);
		else
			tree_remove(t, n);
	}
}

void
tree_filter(struct tree *t, bool (*keep)(void *arg, const struct tnode *n), void *arg)
{
	filter_children(t, &t->root, keep, arg);
}
