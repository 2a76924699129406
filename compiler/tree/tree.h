/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The config tree: what the user typed, and nothing else. A node is one command with its canonical
 * words; containers (interface, crypto gdoi group ...) have children. The root stands for global
 * configuration. The text may be secret, so it is wiped before it is freed.
 */
#ifndef TESTUDO_TREE_H
#define TESTUDO_TREE_H

#include "compiler/grammar/command.h"

struct tree;
struct tnode;

#define TREE_NODES_MAX      200000 /* of one configuration */
#define TREE_KEPT_DEPTH_MAX 16 /* lines that are only kept, each indented under the one before */

struct tree *tree_new(void);
/* Of another kind of device than a router: mode is where its configuration begins. */
struct tree *tree_new_in(enum gram_mode mode);
void tree_free(struct tree *t); /* NULL is fine */
struct tree *tree_clone(const struct tree *t);
/*
 * Removes each node for which keep returns false, with its children; for a node that stays, keep is
 * called for each of its children.
 */
void tree_filter(struct tree *t, bool (*keep)(void *arg, const struct tnode *n), void *arg);
struct tnode *tree_root(struct tree *t);
const struct tnode *tree_top(const struct tree *t); /* the root, to read */
size_t tree_count(const struct tree *t);            /* nodes, the root aside */

enum tree_verdict {
	TREE_CHANGED,
	TREE_SAME,      /* it was so already */
	TREE_ABSENT,    /* `no` of a line that the tree does not have */
	TREE_DUPLICATE, /* the sequence number is another entry's */
	TREE_FULL,      /* TREE_NODES_MAX */
	TREE_DEEP       /* TREE_KEPT_DEPTH_MAX */
};

/*
 * Applies a configuration command (not VERB_DO). *context is the node of the mode the user is in;
 * the command's own mode may be an ancestor's. VERB_ENTER moves *context to the node entered;
 * anything else moves it to the command's parent. line: of the input, for diagnostics; 0: none.
 */
enum tree_verdict tree_apply(struct tree *t, struct tnode **context, const struct command *cmd,
                             unsigned line);

/*
 * Where somebody stands who configures: the node of the mode. When that node is removed, whoever
 * removes it, the place becomes the root. The place is the caller's, and is left before the tree is
 * freed.
 */
struct tree_place {
	struct tnode *at; /* NULL: left */
	struct tree_place *next;
};
void tree_enter(struct tree *t, struct tree_place *place); /* at the root */
void tree_leave(struct tree *t, struct tree_place *place); /* one that is left already: nothing */
/* Does anybody stand at a node with this key, or below one? */
bool tree_is_entered(const struct tree *t, enum gram_key key);

/*
 * What a command like `like`, which may be of another tree, would speak of under a parent in t:
 * the node of its key and the words that tell siblings apart. NULL: none.
 */
const struct tnode *tree_like(const struct tree *t, const struct tnode *parent,
                              const struct tnode *like);
/* The node that a command would replace or undo, were it of this parent's mode. NULL: none. */
const struct tnode *tree_said(const struct tree *t, const struct tnode *parent,
                              const struct command *cmd);
/*
 * A number for a sibling that shall come directly before this one, of a key whose entries are
 * numbered automatically (`step`). The numbers of the others may change, their order does not.
 */
uint32_t tree_make_room(struct tree *t, const struct tnode *before);
/*
 * Numbers the entries of a key below a parent anew, in their order: start, start + step, ... False:
 * the last number would be too great, and nothing was changed.
 */
bool tree_renumber(const struct tnode *parent, enum gram_key key, uint32_t start, uint32_t step);
/*
 * Puts siblings into the order that they have in another tree, and gives them the lines that they
 * have there (tnode_line); those that the other tree lacks come
 * last. Their numbers stay, and so does the order by number. Nothing is added or removed.
 */
void tree_arrange(struct tree *t, const struct tree *as);

/* The mode in which a node's children are typed. */
enum gram_mode tnode_mode(const struct tnode *n);
struct tnode *tnode_parent(const struct tnode *n); /* NULL for the root */

/* --- reading ---------------------------------------------------------------------------------- */

/* The first child with a key, the next sibling with the same key; NULL: none. */
const struct tnode *tnode_first(const struct tnode *parent, enum gram_key key);
const struct tnode *tnode_next(const struct tnode *n);
/* The first child with a key that says `name` in an argument; NULL: none. name NULL: none. */
const struct tnode *tnode_named(const struct tnode *parent, enum gram_key key, enum gram_arg arg,
                                const char *name);
/* All children in order, whatever their key. */
const struct tnode *tnode_child(const struct tnode *parent);
const struct tnode *tnode_sibling(const struct tnode *n);

enum gram_key tnode_key(const struct tnode *n); /* KEY_NONE for the root */
const struct gram_entry *tnode_entry(const struct tnode *n);
bool tnode_negated(const struct tnode *n); /* kept as "no ...": a switch that is on by default */
unsigned tnode_line(const struct tnode *n);
bool tnode_has_secret(const struct tnode *n); /* an argument of it is one */

bool tnode_has(const struct tnode *n, enum gram_arg arg);
uint32_t tnode_u32(const struct tnode *n, enum gram_arg arg);    /* 0 when absent */
const char *tnode_str(const struct tnode *n, enum gram_arg arg); /* NULL when absent */
/* Is an argument this text? False: n or text is NULL, or the argument is absent. */
bool tnode_says(const struct tnode *n, enum gram_arg arg, const char *text);
/* What the first global command with a key says; NULL: there is none. */
const char *tree_str(const struct tree *t, enum gram_key key, enum gram_arg arg);
size_t tnode_count(const struct tnode *n, enum gram_arg arg);
const char *tnode_str_at(const struct tnode *n, enum gram_arg arg, size_t nth);
uint32_t tnode_u32_at(const struct tnode *n, enum gram_arg arg, size_t nth);

/*
 * The command's line as rendered (without indentation) into buf; returns its length. And where in
 * that line an argument stands: column from 1, 0 when absent.
 */
size_t tnode_text(const struct tnode *n, char *buf, size_t size);
unsigned tnode_column(const struct tnode *n, enum gram_arg arg, size_t nth, unsigned *ret_length);

#endif
