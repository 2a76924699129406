/* SPDX-License-Identifier: Apache-2.0 */
/* Lines that are kept as they were typed, without being understood: their place, and their `no`. */
#include "compiler/tree/tree_parts.h"

#include <string.h>

/*
 * The node that a kept line belongs under. The grammar does not know the sub-modes of commands that
 * are only kept: a line that is indented further than the line before it belongs under that one.
 * NULL: that is too deep.
 */
static struct tnode *
below_kept(struct tnode *parent, const struct gram_entry *e, unsigned column)
{
	bool nests = gram_elems[e->elem].type == TYPE_LINE;
	unsigned depth = 1;

	while (nests && parent->last && parent->last->entry == e && parent->last->column < column) {
		parent = parent->last;
		depth++;
	}
	return depth > TREE_KEPT_DEPTH_MAX ? NULL : parent;
}

/* Does the node's line begin with these words? A text may begin with a text, word by word. */
static bool
begins_with(const struct tnode *node, const struct tree_word *words, size_t n)
{
	size_t i, length;

	if (node->negated || node->n_words < n)
		return false;
	for (i = 0; i < n; i++) {
		if (node->words[i].elem->type != words[i].elem->type)
			return false;
		length = strlen(words[i].text);
		if (strncmp(node->words[i].text, words[i].text, length) ||
		    (node->words[i].text[length] &&
		     (words[i].elem->type != TYPE_LINE || node->words[i].text[length] != ' ')))
			return false;
	}
	return true;
}

/* `no X` undoes X, and where there is no such line what begins with X. */
static bool
drop_beginning(struct tree *t, struct tnode *parent, const struct gram_entry *e,
               const struct tree_word *words, size_t n)
{
	struct tnode *node = tree_find(t, parent, e, words, n), *next;
	bool any = false;

	if (node) {
		tree_remove(t, node);
		return true;
	}
	for (node = parent->first; node; node = next) {
		next = node->next;
		if (node->entry != e || !begins_with(node, words, n))
			continue;
		tree_remove(t, node);
		any = true;
	}
	return any;
}

static void
move_last(struct tnode *n)
{
	struct tnode *parent = n->parent;
	struct kin *k = tree_kin(parent, n->entry->key);

	if (!n->next)
		return;
	if (k->first == n && tree_with_key(n->next, k->key))
		k->first = (struct tnode *)tree_with_key(n->next, k->key);
	n->next->prev = n->prev;
	if (n->prev)
		n->prev->next = n->next;
	else
		parent->first = n->next;
	n->prev = parent->last;
	n->next = NULL;
	parent->last->next = n;
	parent->last = n;
}

/*
 * Applies a line that is kept without being understood. `no` removes the line; when there is none,
 * `no` turns off something that is on by default, so the `no` line itself is kept.
 */
enum tree_verdict
tree_apply_kept(struct tree *t, struct tnode *parent, const struct command *cmd, unsigned line)
{
	const struct gram_entry *e = cmd->entry;
	unsigned column = cmd->indent;
	struct tree_word *words;
	struct tnode *node;
	enum tree_verdict v = TREE_SAME;
	bool negated, gone;

	parent = below_kept(parent, e, column);
	if (!parent)
		return TREE_DEEP;
	words = tree_words_of(cmd);
	node = tree_find(t, parent, e, words, cmd->n);
	negated = node && node->negated;
	gone = (cmd->no || cmd->dflt) && !negated && drop_beginning(t, parent, e, words, cmd->n);
	if (gone || cmd->dflt) {
		if (negated)
			tree_remove(t, node);
		tree_words_free(words, cmd->n);
		return gone || negated ? TREE_CHANGED : TREE_ABSENT;
	}
	if (!node)
		v = tree_insert(t, parent, e, words, cmd->n, 0, line, &node);
	else
		tree_words_free(words, cmd->n);
	if (v == TREE_FULL)
		return v;
	if (negated != cmd->no)
		v = TREE_CHANGED;
	node->negated = cmd->no;
	node->column = column;
	node->line = line;
	move_last(node);
	return v;
}
