/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A logical key hierarchy (RFC 2627 5.4) as GDOI carries it (RFC 6407 5.6.3): what both ends share,
 * the tree of a key server (lkh_tree.c) and the path of a member (lkh_path.c). Nothing here knows
 * of time, of messages or of groups.
 *
 *            3:0          the root is the group's KEK
 *          /     \
 *       2:0       2:1     height:index. A member holds the keys from its leaf to the root.
 *      /   \     /   \
 *    1:0   1:1 1:2   1:3
 *    / \   / \ / \   / \
 *   0   1 2  3 4  5 6   7     its leaf's key it shares with the server alone
 *
 * Member 3 is expelled: the keys of 1:1, 2:0 and 3:0 are made anew. An array for leaf 2 brings all
 * three, the first encrypted under leaf 2's key, each other under the one before; one for 1:0
 * brings 2:0 and 3:0, one for 2:1 brings 3:0. That is one array for each level of the tree, and
 * nothing in them is encrypted under a key that member 3 ever had.
 *
 * The message with the arrays travels under the old KEK, which the expelled member can read. So
 * what it must not learn (new TEKs) waits for a message under the new one.
 */
#ifndef TESTUDO_LKH_H
#define TESTUDO_LKH_H

#include "runtime/crypto/secret.h"
#include "runtime/wire/gdoi_lkh.h"

/*
 * A node's key is what a KEK's is: IV, then key (RFC 6407 5.6.2.1). Octets of it in clear;
 * encrypted.
 */
size_t lkh_key_size(enum cipher_id cipher);
size_t lkh_wrapped_size(enum cipher_id cipher);
/* `key` of lkh_key_size octets under another; out: lkh_wrapped_size octets. */
bool lkh_wrap(enum cipher_id cipher, struct span under, struct span key, uint8_t *out);
/* wrapped: lkh_wrapped_size octets; out: as many, of which the first lkh_key_size are the key. */
bool lkh_unwrap(enum cipher_id cipher, struct span under, struct span wrapped, uint8_t *out);

/* --- the server's ----------------------------------------------------------------------------- */

#define LKH_MEMBERS_MAX 131072
/*
 * Keys in the arrays of one renewal, so that they fit into one datagram. When so many leave that it
 * takes more, the rest waits for the next one.
 */
#define LKH_UPDATE_MAX 512

struct lkh_tree;

struct lkh_cost {      /* of the last renewal */
	size_t arrays; /* encryptions under keys that members hold already: RFC 2627's (k-1)d */
	size_t wraps;  /* all different encryptions: its kd-1 */
	size_t keys;   /* in all arrays together */
};

/* cipher: of the KEK. random: makes key material. */
struct lkh_tree *lkh_tree_new(enum cipher_id cipher, void (*random)(void *arg, void *buf, size_t n),
                              void *arg);
void lkh_tree_free(struct lkh_tree *t); /* wipes; NULL is fine */
enum cipher_id lkh_tree_cipher(const struct lkh_tree *t);
/*
 * A leaf of its own, which no member has had since the keys above it were renewed; owner: whatever
 * the caller knows the member by. False: full.
 */
bool lkh_tree_join(struct lkh_tree *t, uint32_t owner, uint32_t *ret_leaf);
/* The member at this leaf holds no key from the next renewal on. */
void lkh_tree_leave(struct lkh_tree *t, uint32_t leaf);
/* Somebody has left who still knows the keys that are in force. */
bool lkh_tree_pending(const struct lkh_tree *t);
/*
 * The root and all keys above those who have left are made anew; writes an update array for
 * everybody else. Asked again while lkh_tree_pending says so. w->bad: they do not fit.
 */
void lkh_tree_renew(struct lkh_tree *t, struct wr *w);
/* Writes the download array of a member. */
void lkh_tree_download(const struct lkh_tree *t, uint32_t leaf, struct wr *w);
/* IV and key: of the group; of one member. Borrowed until the tree is used again. */
struct span lkh_tree_root(const struct lkh_tree *t);
struct span lkh_tree_leaf_key(const struct lkh_tree *t, uint32_t leaf);
unsigned lkh_tree_depth(const struct lkh_tree *t);
struct lkh_cost lkh_tree_cost(const struct lkh_tree *t);

/*
 * To be kept (lkh_keep.c): a head, which changes with every key, and parts, of which few do. All
 * that has changed goes into one transaction, or the whole is of no use.
 */
#define LKH_PARTS    4161 /* of the largest tree; numbered from 0 */
#define LKH_PART_MAX 4096 /* octets of one */

/* One part that has changed since it was last told so; false: none has. */
bool lkh_tree_changed(struct lkh_tree *t, uint32_t *ret_part);
void lkh_tree_touch(struct lkh_tree *t); /* all parts that have a key in them have changed */
void lkh_tree_put_head(const struct lkh_tree *t, struct wr *w);
/* Writes nothing: there is no key in it any more. */
void lkh_tree_put_part(const struct lkh_tree *t, uint32_t part, struct wr *w);
/*
 * And back: the head first, NULL when it makes no sense, then the parts, in any order, at last
 * lkh_tree_complete. After a false the tree is only to be freed.
 */
struct lkh_tree *lkh_tree_get_head(enum cipher_id cipher,
                                   void (*random)(void *arg, void *buf, size_t n), void *arg,
                                   struct rd *r);
bool lkh_tree_get_part(struct lkh_tree *t, uint32_t part, struct rd *r);
bool lkh_tree_complete(struct lkh_tree *t);
/* The first leaf from *leaf on that a member has, and its owner; false: there is none. */
bool lkh_tree_next_leaf(const struct lkh_tree *t, uint32_t *leaf, uint32_t *ret_owner);

/* --- the member's ----------------------------------------------------------------------------- */

struct lkh_path {
	enum cipher_id cipher;
	size_t n; /* the first is the member's own, the last the group's KEK */
	struct lkh_path_key {
		uint16_t id;
		uint32_t handle;
		struct secret key; /* IV, then key */
	} keys[LKH_PATH_MAX];
};

struct lkh_path *lkh_path_clone(const struct lkh_path *p); /* NULL of NULL */
void lkh_path_free(struct lkh_path *p);                    /* wipes; NULL is fine */
/*
 * From the attributes of an LKH packet; NULL: no download array, or one of another cipher's keys.
 */
struct lkh_path *lkh_path_download(enum cipher_id cipher, struct span attributes);
/*
 * Takes the update arrays that begin at a key on this path, in their order (RFC 6407 4.4). False
 * and nothing changed when there is none: then the member cannot follow.
 */
bool lkh_path_update(struct lkh_path *p, struct span attributes);
const struct secret *lkh_path_root(const struct lkh_path *p);
const struct secret *lkh_path_leaf(const struct lkh_path *p);

#endif
