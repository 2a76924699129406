/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The config tree. Siblings form a list in the order they are rendered; a hash over (parent, key,
 * identity) finds the one a command speaks of, an index by number the place of one that has its
 * order given, and each key knows its first, so that ten thousand lines cost ten thousand steps in
 * whatever order they come.
 */
#include "compiler/tree/tree_parts.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* --- nodes ------------------------------------------------------------------------------------ */

struct tree *
tree_new(void)
{
	struct tree *t = x_alloc(sizeof(*t));

	t->n_buckets = 64;
	t->buckets = x_alloc(t->n_buckets * sizeof(struct tnode *));
	t->root.root_mode = MODE_CONFIG;
	return t;
}

struct tree *
tree_new_in(enum gram_mode mode)
{
	struct tree *t = tree_new();

	t->root.root_mode = (uint16_t)mode;
	return t;
}

static void
words_free(struct tree_word *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		explicit_bzero(words[i].text, strlen(words[i].text));
		free(words[i].text);
	}
	free(words);
}

static void
kin_free(struct kin *k)
{
	struct kin *next;

	for (; k; k = next) {
		next = k->next;
		free(k);
	}
}

static void
node_free(struct tnode *n)
{
	kin_free(n->children);
	words_free(n->words, n->n_words);
	free(n);
}

struct kin *
tree_kin(const struct tnode *parent, uint16_t key)
{
	struct kin *k;

	for (k = parent->children; k; k = k->next)
		if (k->key == key)
			return k;
	return NULL;
}

static void
hash_remove(struct tree *t, struct tnode *n)
{
	struct tnode **p = &t->buckets[n->hash % t->n_buckets];

	while (*p != n)
		p = &(*p)->chain;
	*p = n->chain;
}

static void
remove_subtree(struct tree *t, struct tnode *n)
{
	struct kin *k;

	while (n->first)
		remove_subtree(t, n->first);
	if (!n->entry)
		return;
	hash_remove(t, n);
	k = tree_kin(n->parent, n->entry->key);
	if (n->entry->order)
		order_remove(&k->root, &n->place);
	if (k->first == n)
		k->first = (struct tnode *)tree_with_key(n->next, k->key);
	if (n->prev)
		n->prev->next = n->next;
	else
		n->parent->first = n->next;
	if (n->next)
		n->next->prev = n->prev;
	else
		n->parent->last = n->prev;
	t->count--;
	for (struct tree_place *p = t->places; p; p = p->next)
		if (p->at == n)
			p->at = &t->root;
	node_free(n);
}

void
tree_free(struct tree *t)
{
	if (!t)
		return;
	remove_subtree(t, &t->root);
	kin_free(t->root.children);
	free(t->buckets);
	free(t);
}

struct tnode *
tree_root(struct tree *t)
{
	return &t->root;
}

const struct tnode *
tree_top(const struct tree *t)
{
	return &t->root;
}

size_t
tree_count(const struct tree *t)
{
	return t->count;
}

/* --- identity --------------------------------------------------------------------------------- */

/* Does this word tell its node apart from its siblings? */
static bool
word_identifies(const struct gram_entry *e, const struct gram_elem *elem)
{
	size_t i;

	if (e->verb == VERB_SET)
		return false;
	if (!e->by[0])
		return !(e->step && elem->arg == e->order);
	for (i = 0; i < ARRAY_SIZE(e->by) && e->by[i]; i++)
		if (elem->arg == e->by[i])
			return true;
	return false;
}

static uint64_t
hash_bytes(uint64_t h, const void *data, size_t n)
{
	const uint8_t *p = data;

	while (n--)
		h = (h ^ *p++) * 0x100000001b3u;
	return h;
}

static uint64_t
identity_hash(const struct tnode *parent, const struct gram_entry *e, const struct tree_word *words,
              size_t n)
{
	uint64_t h = 0xcbf29ce484222325u;
	size_t i;

	h = hash_bytes(h, &parent, sizeof(parent));
	h = hash_bytes(h, &e->key, sizeof(e->key));
	for (i = 0; i < n; i++)
		if (word_identifies(e, words[i].elem))
			h = hash_bytes(h, words[i].text, strlen(words[i].text) + 1);
	return h;
}

/* The next word that counts for identity, from *i on. */
static const char *
identity_word(const struct gram_entry *e, const struct tree_word *words, size_t n, size_t *i)
{
	while (*i < n && !word_identifies(e, words[*i].elem))
		++*i;
	return *i < n ? words[(*i)++].text : NULL;
}

static bool
identity_equal(const struct tnode *node, const struct gram_entry *e, const struct tree_word *words,
               size_t n)
{
	size_t i = 0, j = 0;
	const char *a, *b;

	do {
		a = identity_word(node->entry, node->words, node->n_words, &i);
		b = identity_word(e, words, n, &j);
		if (!a != !b || (a && strcmp(a, b)))
			return false;
	} while (a);
	return true;
}

static struct tnode *
find_node(const struct tree *t, const struct tnode *parent, const struct gram_entry *e,
          const struct tree_word *words, size_t n)
{
	uint64_t h = identity_hash(parent, e, words, n);
	struct tnode *node;

	for (node = t->buckets[h % t->n_buckets]; node; node = node->chain)
		if (node->hash == h && node->parent == parent && node->entry->key == e->key &&
		    identity_equal(node, e, words, n))
			return node;
	return NULL;
}

const struct tnode *
tree_like(const struct tree *t, const struct tnode *parent, const struct tnode *like)
{
	return find_node(t, parent, like->entry, like->words, like->n_words);
}

static void
hash_add(struct tree *t, struct tnode *n)
{
	struct tnode **old = t->buckets, *node, *next;
	size_t n_old = t->n_buckets, i;

	if (t->count > 2 * t->n_buckets) {
		t->n_buckets *= 4;
		t->buckets = x_alloc(t->n_buckets * sizeof(struct tnode *));
		for (i = 0; i < n_old; i++)
			for (node = old[i]; node; node = next) {
				next = node->chain;
				node->chain = t->buckets[node->hash % t->n_buckets];
				t->buckets[node->hash % t->n_buckets] = node;
			}
		free(old);
	}
	n->chain = t->buckets[n->hash % t->n_buckets];
	t->buckets[n->hash % t->n_buckets] = n;
}

/* --- order ------------------------------------------------------------------------------------ */

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

static const struct tree_word *
word_of(const struct tree_word *words, size_t n, uint16_t arg)
{
	for (size_t i = 0; i < n; i++)
		if (words[i].elem->arg == arg)
			return &words[i];
	return NULL;
}

/* The order after the last one, for entries numbered automatically. */
static uint32_t
order_next(const struct tnode *parent, const struct gram_entry *e)
{
	const struct kin *k = tree_kin(parent, e->key);
	const struct tnode *last = k ? tree_node_of(order_last(k->root)) : NULL;

	return last ? last->order / e->step * e->step + e->step : e->step;
}

static struct tnode *
find_order(const struct tnode *parent, uint16_t key, uint32_t order)
{
	const struct kin *k = tree_kin(parent, key);
	struct tnode *n = k ? tree_node_of(order_from(k->root, (uint64_t)order << 32)) : NULL;

	return n && n->order == order ? n : NULL;
}

/* --- applying a command ----------------------------------------------------------------------- */

static struct tree_word *
words_of(const struct command *cmd)
{
	struct tree_word *words = x_alloc(cmd->n * sizeof(*words));

	for (size_t i = 0; i < cmd->n; i++)
		words[i] = (struct tree_word){cmd->values[i].elem, x_strdup(cmd->values[i].text),
		                              cmd->values[i].number};
	return words;
}

static bool
words_equal(const struct tnode *n, const struct tree_word *words, size_t count)
{
	size_t i;

	if (n->n_words != count)
		return false;
	for (i = 0; i < count; i++)
		if (n->words[i].elem->arg != words[i].elem->arg ||
		    strcmp(n->words[i].text, words[i].text))
			return false;
	return true;
}

/*
 * The sequence number is not part of a node's words: it is its order, and is rendered from it. Nor
 * is the word before it that is not shown: with and without it, it is the same entry.
 */
static struct tree_word *
without_order(const struct gram_entry *e, struct tree_word *words, size_t *n)
{
	size_t i, kept = 0;

	for (i = 0; i < *n; i++) {
		if (e->step && (words[i].elem->arg == e->order || !*words[i].text))
			free(words[i].text);
		else
			words[kept++] = words[i];
	}
	*n = kept;
	return words;
}

/* Do the words only name the node, without any setting? */
static bool
only_names(const struct tnode *node, const struct tree_word *words, size_t n)
{
	struct tnode head = *node;

	head.n_words = n;
	return n < node->n_words && words_equal(&head, words, n) &&
	       word_identifies(node->entry, words[n - 1].elem);
}

/*
 * Replaces the node's words by the command's; the children stay. When a command that only names a
 * mode enters it again, the words stay, so that its settings are not lost.
 */
static enum tree_verdict
replace_words(struct tnode *node, const struct gram_entry *e, struct tree_word *words, size_t n,
              unsigned line)
{
	bool same = words_equal(node, words, n);

	if (e->verb == VERB_ENTER && only_names(node, words, n)) {
		words_free(words, n);
		return TREE_SAME;
	}
	words_free(node->words, node->n_words);
	node->words = words;
	node->n_words = n;
	node->entry = e;
	node->line = line;
	return same ? TREE_SAME : TREE_CHANGED;
}

static struct tnode *
make_node(struct tree *t, struct tnode *parent, const struct gram_entry *e,
          struct tree_word *take_words, size_t n, uint32_t order, unsigned line)
{
	struct tnode *node = x_alloc(sizeof(*node));

	*node = (struct tnode){.entry = e,
	                       .parent = parent,
	                       .words = take_words,
	                       .n_words = n,
	                       .order = order,
	                       .line = line};
	node->hash = identity_hash(parent, e, take_words, n);
	tree_link_node(t, node);
	t->count++;
	hash_add(t, node);
	return node;
}

static enum tree_verdict
insert_node(struct tree *t, struct tnode *parent, const struct gram_entry *e,
            struct tree_word *words, size_t n, uint32_t order, unsigned line, struct tnode **ret)
{
	if (t->count >= TREE_NODES_MAX) {
		words_free(words, n);
		return TREE_FULL;
	}
	*ret = make_node(t, parent, e, words, n, order, line);
	return TREE_CHANGED;
}

static enum tree_verdict
add_node(struct tree *t, struct tnode *parent, const struct command *cmd, unsigned line,
         struct tnode **ret)
{
	const struct gram_entry *e = cmd->entry;
	struct tree_word *words = words_of(cmd);
	const struct tree_word *given = word_of(words, cmd->n, e->order);
	uint32_t order = e->order && given ? given->number : 0;
	bool explicit = e->order && given;
	size_t n = cmd->n;
	struct tnode *node;

	words = without_order(e, words, &n);
	node = find_node(t, parent, e, words, n);
	if (node && e->step && explicit && node->order != order) {
		words_free(words, n);
		return TREE_DUPLICATE;
	}
	if (node) {
		*ret = node;
		return replace_words(node, e, words, n, line);
	}
	if (e->step && explicit && find_order(parent, e->key, order)) {
		words_free(words, n);
		return TREE_DUPLICATE;
	}
	if (e->step && !explicit)
		order = order_next(parent, e);
	return insert_node(t, parent, e, words, n, order, line, ret);
}

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
		w = word_of(node->words, node->n_words, v->elem->arg);
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
		remove_subtree(t, node);
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
	words = words_of(cmd);
	if (e->verb == VERB_DROP) {
		node = find_order(parent, e->key, command_u32(cmd, (enum gram_arg)e->order));
	} else {
		words = without_order(e, words, &n);
		node = find_node(t, parent, e, words, n);
		if (node && e->verb == VERB_SET && !is_undone_by(node, words, n))
			node = NULL;
	}
	words_free(words, n);
	if (!node)
		return TREE_ABSENT;
	remove_subtree(t, node);
	return TREE_CHANGED;
}

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

/* --- what is kept as it was typed ------------------------------------------------------------- */

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
	struct tnode *node = find_node(t, parent, e, words, n), *next;
	bool any = false;

	if (node) {
		remove_subtree(t, node);
		return true;
	}
	for (node = parent->first; node; node = next) {
		next = node->next;
		if (node->entry != e || !begins_with(node, words, n))
			continue;
		remove_subtree(t, node);
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
static enum tree_verdict
apply_kept(struct tree *t, struct tnode *parent, const struct command *cmd, unsigned line)
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
	words = words_of(cmd);
	node = find_node(t, parent, e, words, cmd->n);
	negated = node && node->negated;
	gone = (cmd->no || cmd->dflt) && !negated && drop_beginning(t, parent, e, words, cmd->n);
	if (gone || cmd->dflt) {
		if (negated)
			remove_subtree(t, node);
		words_free(words, cmd->n);
		return gone || negated ? TREE_CHANGED : TREE_ABSENT;
	}
	if (!node)
		v = insert_node(t, parent, e, words, cmd->n, 0, line, &node);
	else
		words_free(words, cmd->n);
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
	struct tree_word *words = words_of(cmd);
	size_t n = cmd->n;
	const struct tnode *node;

	words = without_order(cmd->entry, words, &n);
	node = find_node(t, parent, cmd->entry, words, n);
	words_free(words, n);
	return node;
}

enum tree_verdict
tree_apply(struct tree *t, struct tnode **context, const struct command *cmd, unsigned line)
{
	struct tnode *parent = parent_for(*context, cmd), *node = NULL;
	enum tree_verdict v;

	*context = parent;
	if (cmd->entry->kept && cmd->entry->verb == VERB_LIST)
		return apply_kept(t, parent, cmd, line);
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
	if (node && cmd->entry->verb == VERB_ENTER)
		*context = node;
	return v;
}

void
tree_set_words(struct tree *t, struct tnode *node, const struct command *cmd)
{
	hash_remove(t, node);
	words_free(node->words, node->n_words);
	node->words = words_of(cmd);
	node->n_words = cmd->n;
	node->hash = identity_hash(node->parent, node->entry, node->words, node->n_words);
	hash_add(t, node);
}

void
tree_remove(struct tree *t, struct tnode *node)
{
	remove_subtree(t, node);
}

/* --- copies ----------------------------------------------------------------------------------- */

/* What is copied stands in a tree already, so that no limit is asked. */
static struct tnode *
copy_into(struct tree *t, struct tnode *parent, const struct tnode *from)
{
	struct tree_word *words = x_alloc(from->n_words * sizeof(*words));
	struct tnode *node;

	for (size_t i = 0; i < from->n_words; i++)
		words[i] = (struct tree_word){from->words[i].elem, x_strdup(from->words[i].text),
		                              from->words[i].number};
	node = make_node(t, parent, from->entry, words, from->n_words, from->order, from->line);
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
