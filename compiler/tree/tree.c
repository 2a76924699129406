/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The config tree. Siblings form a list in the order they are rendered; a hash over (parent, key,
 * identity) finds the one a command speaks of, an index by number the place of one that has its
 * order given, and each key knows its first, so that ten thousand lines cost ten thousand steps in
 * whatever order they come. Here is how nodes are made, found and removed.
 */
#include "compiler/tree/tree_parts.h"

#include <stdlib.h>
#include <string.h>

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
	tree_words_free(n->words, n->n_words);
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

/* Their number is a power of two. */
static struct tnode **
bucket_of(const struct tree *t, const struct tnode *n)
{
	return &t->buckets[n->hash & (t->n_buckets - 1)];
}

static void
hash_remove(struct tree *t, struct tnode *n)
{
	struct tnode **p = bucket_of(t, n);

	while (*p != n)
		p = &(*p)->chain;
	*p = n->chain;
}

static void
remove_children(struct tree *t, struct tnode *n)
{
	struct tnode *next;

	for (struct tnode *child = n->first; child; child = next) {
		next = child->next;
		tree_remove(t, child);
	}
}

void
tree_remove(struct tree *t, struct tnode *n)
{
	struct kin *k;

	remove_children(t, n);
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
	remove_children(t, &t->root);
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

/* --- the nodes by what they are --------------------------------------------------------------- */

struct tnode *
tree_find(const struct tree *t, const struct tnode *parent, const struct gram_entry *e,
          const struct tree_word *words, size_t n)
{
	uint64_t h = tree_words_hash(parent, e, words, n);
	struct tnode *node;

	for (node = t->buckets[h & (t->n_buckets - 1)]; node; node = node->chain)
		if (node->hash == h && node->parent == parent && node->entry->key == e->key &&
		    tree_is_named(node, e, words, n))
			return node;
	return NULL;
}

const struct tnode *
tree_like(const struct tree *t, const struct tnode *parent, const struct tnode *like)
{
	return tree_find(t, parent, like->entry, like->words, like->n_words);
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
				node->chain = *bucket_of(t, node);
				*bucket_of(t, node) = node;
			}
		free(old);
	}
	n->chain = *bucket_of(t, n);
	*bucket_of(t, n) = n;
}

struct tnode *
tree_make(struct tree *t, struct tnode *parent, const struct gram_entry *e,
          struct tree_word *take_words, size_t n, uint32_t order, unsigned line)
{
	struct tnode *node = x_alloc(sizeof(*node));

	*node = (struct tnode){.entry = e,
	                       .parent = parent,
	                       .words = take_words,
	                       .n_words = n,
	                       .order = order,
	                       .line = line};
	node->hash = tree_words_hash(parent, e, take_words, n);
	tree_link_node(t, node);
	t->count++;
	hash_add(t, node);
	return node;
}

enum tree_verdict
tree_insert(struct tree *t, struct tnode *parent, const struct gram_entry *e,
            struct tree_word *take_words, size_t n, uint32_t order, unsigned line,
            struct tnode **ret)
{
	if (t->count >= TREE_NODES_MAX) {
		tree_words_free(take_words, n);
		return TREE_FULL;
	}
	*ret = tree_make(t, parent, e, take_words, n, order, line);
	return TREE_CHANGED;
}

void
tree_set_words(struct tree *t, struct tnode *node, const struct command *cmd)
{
	hash_remove(t, node);
	tree_words_free(node->words, node->n_words);
	node->words = tree_words_of(cmd);
	node->n_words = cmd->n;
	node->hash = tree_words_hash(node->parent, node->entry, node->words, node->n_words);
	hash_add(t, node);
}
