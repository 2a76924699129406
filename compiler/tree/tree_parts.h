/* SPDX-License-Identifier: Apache-2.0 */
/* What a node is: for the files of the tree alone. */
#ifndef TESTUDO_TREE_PARTS_H
#define TESTUDO_TREE_PARTS_H

#include <stddef.h>

#include "compiler/tree/order.h"
#include "compiler/tree/tree.h"

struct tree_word {
	const struct gram_elem *elem;
	char *text;
	uint32_t number;
};

/* The children of one key: the first of them; by number, where they are kept in such an order. */
struct kin {
	struct kin *next;
	uint16_t key;
	struct tnode *first;
	struct order_link *root;
};

struct tnode {
	const struct gram_entry *entry; /* NULL: the root */
	struct tnode *parent, *first, *last, *next, *prev;
	struct tnode *chain; /* in the hash */
	uint64_t hash;
	bool negated;
	bool anew;          /* it was entered: a text in it begins anew with the next line */
	uint16_t root_mode; /* of the root: the mode of a whole configuration */
	unsigned line;
	unsigned column;         /* of what is kept as it was typed: how far it was indented */
	struct order_link place; /* among the siblings of its key, when these are ordered */
	struct kin *children;    /* one for each key there has been */
	uint32_t order;
	size_t n_words;
	struct tree_word *words;
};

struct tree {
	struct tnode root;
	uint32_t serial; /* tells nodes of one number apart, in the order they came */
	size_t count;
	size_t n_buckets;
	struct tnode **buckets;
	struct tree_place *places; /* who is where: borrowed */
};

static inline const struct tnode *
tree_with_key(const struct tnode *n, uint16_t key)
{
	while (n && n->entry->key != key)
		n = n->next;
	return n;
}

/* The node that a link of the order is in; NULL: none. */
static inline struct tnode *
tree_node_of(struct order_link *link)
{
	return link ? (struct tnode *)((char *)link - offsetof(struct tnode, place)) : NULL;
}

/* --- words (tree_words.c) --------------------------------------------------------------------- */

void tree_words_free(struct tree_word *words, size_t n);    /* and wiped */
struct tree_word *tree_words_of(const struct command *cmd); /* the caller frees them */
bool tree_words_equal(const struct tnode *n, const struct tree_word *words, size_t count);
/* The word of an argument; NULL: none. */
const struct tree_word *tree_word_of(const struct tree_word *words, size_t n, uint16_t arg);
struct tree_word *tree_without_order(const struct gram_entry *e, struct tree_word *words,
                                     size_t *n);
bool tree_word_identifies(const struct gram_entry *e, const struct gram_elem *elem);
/* Of what tells a node apart: its parent, its key and the words that identify it. */
uint64_t tree_words_hash(const struct tnode *parent, const struct gram_entry *e,
                         const struct tree_word *words, size_t n);
/* Has the node the identifying words of a command of this entry? */
bool tree_is_named(const struct tnode *node, const struct gram_entry *e,
                   const struct tree_word *words, size_t n);

/* --- nodes (tree.c) --------------------------------------------------------------------------- */

/* NULL when there never was a child of that key. */
struct kin *tree_kin(const struct tnode *parent, uint16_t key);
/* The node that these words of an entry speak of; NULL: none. */
struct tnode *tree_find(const struct tree *t, const struct tnode *parent,
                        const struct gram_entry *e, const struct tree_word *words, size_t n);
/* A new node, whatever the tree's size. */
struct tnode *tree_make(struct tree *t, struct tnode *parent, const struct gram_entry *e,
                        struct tree_word *take_words, size_t n, uint32_t order, unsigned line);
/* A new node in *ret: TREE_CHANGED, or TREE_FULL and *ret is untouched. */
enum tree_verdict tree_insert(struct tree *t, struct tnode *parent, const struct gram_entry *e,
                              struct tree_word *take_words, size_t n, uint32_t order, unsigned line,
                              struct tnode **ret);
/* The node gets the words of a command of its own entry, and of its place in the order. */
void tree_set_words(struct tree *t, struct tnode *node, const struct command *cmd);
void tree_remove(struct tree *t, struct tnode *node); /* and what is in it */
void tree_copy_children(struct tree *t, struct tnode *to, const struct tnode *from);

/* --- order (tree_order.c) --------------------------------------------------------------------- */

/* Puts a node whose parent, entry and number are set among its siblings. */
void tree_link_node(struct tree *t, struct tnode *n);
uint32_t tree_next_order(const struct tnode *parent, const struct gram_entry *e);
/* The child of a key with this number; NULL: none. */
struct tnode *tree_find_order(const struct tnode *parent, uint16_t key, uint32_t order);

/* --- commands --------------------------------------------------------------------------------- */

enum tree_verdict tree_apply_kept(struct tree *t, struct tnode *parent, const struct command *cmd,
                                  unsigned line); /* tree_kept.c */

#endif
