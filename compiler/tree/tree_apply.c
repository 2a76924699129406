/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command applied to the tree: it makes a node, gives one other words, or removes one. Nothing
 * here knows where a node stands among its siblings.
 */
#include "compiler/tree/tree_parts.h"

#include <string.h>

/* Do the words only name the node, without any setting? */
static bool
only_names(const struct tnode *node, const struct tree_word *words, size_t n)
{
	struct tnode head = *node;

	head.n_words = n;
	return n < node->n_words && tree_words_equal(&head, words, n) &&
	       tree_word_identifies(node->entry, words[n - 1].elem);
}

/*
 * Replaces the node's words by the command's; the children stay. When a command that only names a
 * mode enters it again, the words stay, so that its settings are not lost.
 */
static enum tree_verdict
replace_words(struct tnode *node, const struct gram_entry *e, struct tree_word *words, size_t n,
              unsigned line)
{
	bool same = tree_words_equal(node, words, n);

	if (e->verb == VERB_ENTER && only_names(node, words, n)) {
		tree_words_free(words, n);
		return TREE_SAME;
	}
	tree_words_free(node->words, node->n_words);
	node->words = words;
	node->n_words = n;
	node->entry = e;
	node->line = line;
	return same ? TREE_SAME : TREE_CHANGED;
}

/* The first line of a text that is typed again takes the place of the text that was there. */
static void
begin_text(struct tree *t, struct tnode *parent, const struct gram_entry *e)
{
	struct kin *k = parent->anew ? tree_kin(parent, e->key) : NULL;

	parent->anew = false;
	while (k && k->first)
		tree_remove(t, k->first);
}

static enum tree_verdict
add_node(struct tree *t, struct tnode *parent, const struct command *cmd, unsigned line,
         struct tnode **ret)
{
	const struct gram_entry *e = cmd->entry;
	struct tree_word *words = tree_words_of(cmd);
	const struct tree_word *given = tree_word_of(words, cmd->n, e->order);
	uint32_t order = e->order && given ? given->number : 0;
	bool explicit = e->order && given;
	size_t n = cmd->n;
	struct tnode *node;

	words = tree_without_order(e, words, &n);
	if (e->repeats) {
		begin_text(t, parent, e);
		node = NULL;
	} else {
		node = tree_find(t, parent, e, words, n);
	}
	if (node && e->step && explicit && node->order != order) {
		tree_words_free(words, n);
		return TREE_DUPLICATE;
	}
	if (node) {
		*ret = node;
		return replace_words(node, e, words, n, line);
	}
	if (e->step && explicit && tree_find_order(parent, e->key, order)) {
		tree_words_free(words, n);
		return TREE_DUPLICATE;
	}
	if (e->step && !explicit)
		order = tree_next_order(parent, e);
	return tree_insert(t, parent, e, words, n, order, line, ret);
}

/* --- no --------------------------------------------------------------------------------------- */

/* The next character of a command's keywords, one blank between them; '\0' behind the last. */
static char
keyword_char(const struct tree_word *words, size_t n, size_t *i, size_t *at)
{
	while (*i < n) {
		const struct tree_word *w = &words[*i];
		char c = w->elem->arg ? '\0' : w->text[*at];

		if (c) {
			++*at;
			return c;
		}
		++*i;
		if (*at) {
			*at = 0;
			return ' ';
		}
	}
	return '\0';
}

/*
 * Does `no` with these words undo the node? Settings that share a key exclude each other, and `no`
 * of one must not undo another: the keywords must agree as far as both go. Values need not agree:
 * "no hostname X" undoes any hostname.
 */
static bool
is_undone_by(const struct tnode *node, const struct tree_word *words, size_t n)
{
	size_t i = 0, at_i = 0, j = 0, at_j = 0;
	char a, b;

	do {
		a = keyword_char(node->words, node->n_words, &i, &at_i);
		b = keyword_char(words, n, &j, &at_j);
	} while (a && a == b);
	return !a || !b;
}

/* Is the key the other or one below it: "crypto.map", "crypto.map.peer"? */
static bool
key_under(uint16_t key, uint16_t above)
{
	const char *name = gram_key_names[key];
	size_t n = strlen(gram_key_names[above]);

	return !strncmp(name, gram_key_names[above], n) && (!name[n] || name[n] == '.');
}

static bool
has_arguments(const struct tnode *node, const struct command *cmd)
{
	size_t i;

	for (i = 0; i < cmd->n; i++) {
		const struct value *v = &cmd->values[i];
		const struct tree_word *w;

		if (!v->elem->arg)
			continue;
		w = tree_word_of(node->words, node->n_words, v->elem->arg);
		if (!w || strcmp(w->text, v->text))
			return false;
	}
	return true;
}

/* `no` with fewer words than the command has: "no crypto map M" is all of M. */
static enum tree_verdict
drop_all(struct tree *t, struct tnode *parent, const struct command *cmd)
{
	enum tree_verdict v = TREE_ABSENT;
	struct tnode *node, *next;

	for (node = parent->first; node; node = next) {
		next = node->next;
		if (!key_under(node->entry->key, cmd->entry->key) || !has_arguments(node, cmd))
			continue;
		tree_remove(t, node);
		v = TREE_CHANGED;
	}
	return v;
}

static enum tree_verdict
drop_node(struct tree *t, struct tnode *parent, const struct command *cmd)
{
	const struct gram_entry *e = cmd->entry;
	struct tree_word *words;
	size_t n = cmd->n;
	struct tnode *node;

	if (e->verb == VERB_DROP && !e->order)
		return drop_all(t, parent, cmd);
	words = tree_words_of(cmd);
	if (e->verb == VERB_DROP) {
		node = tree_find_order(parent, e->key, command_u32(cmd, (enum gram_arg)e->order));
	} else {
		words = tree_without_order(e, words, &n);
		node = tree_find(t, parent, e, words, n);
		if (node && e->verb == VERB_SET && !is_undone_by(node, words, n))
			node = NULL;
	}
	tree_words_free(words, n);
	if (!node)
		return TREE_ABSENT;
	tree_remove(t, node);
	return TREE_CHANGED;
}

/* --- any command ------------------------------------------------------------------------------ */

/*
 * Applies a switch that is on by default: "no X" is kept in the tree, "X" and "default X" remove
 * it.
 */
static enum tree_verdict
apply_switch(struct tree *t, struct tnode *parent, const struct command *cmd, unsigned line)
{
	struct tnode *node;
	enum tree_verdict v;

	if (!cmd->no)
		return drop_node(t, parent, cmd);
	v = add_node(t, parent, cmd, line, &node);
	if (v == TREE_CHANGED || v == TREE_SAME)
		node->negated = true;
	return v;
}

/* The node under which a command of `mode` belongs: the context or one of its ancestors. */
static struct tnode *
parent_for(struct tnode *context, const struct command *cmd)
{
	while (context->parent && tnode_mode(context) != cmd->mode)
		context = context->parent;
	return context;
}

const struct tnode *
tree_said(const struct tree *t, const struct tnode *parent, const struct command *cmd)
{
	struct tree_word *words = tree_words_of(cmd);
	size_t n = cmd->n;
	const struct tnode *node;

	words = tree_without_order(cmd->entry, words, &n);
	node = tree_find(t, parent, cmd->entry, words, n);
	tree_words_free(words, n);
	return node;
}

enum tree_verdict
tree_apply(struct tree *t, struct tnode **context, const struct command *cmd, unsigned line)
{
	struct tnode *parent = parent_for(*context, cmd), *node = NULL;
	enum tree_verdict v;

	*context = parent;
	if (cmd->entry->kept && cmd->entry->verb == VERB_LIST)
		return tree_apply_kept(t, parent, cmd, line);
	if (cmd->entry->on)
		return apply_switch(t, parent, cmd, line);
	if (cmd->dflt || (cmd->no && !cmd->entry->either))
		return drop_node(t, parent, cmd);
	v = add_node(t, parent, cmd, line, &node);
	if (node &&
	    node->negated != cmd->no) { /* only entries that keep both forms come here with `no` */
		node->negated = cmd->no;
		v = TREE_CHANGED;
	}
	if (node && cmd->entry->verb == VERB_ENTER) {
		node->anew = true;
		*context = node;
	}
	return v;
}
