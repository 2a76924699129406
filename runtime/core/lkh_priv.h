/* SPDX-License-Identifier: Apache-2.0 */
/* Inside a key server's key hierarchy only: lkh_tree.c and lkh_keep.c. */
#ifndef TESTUDO_LKH_PRIV_H
#define TESTUDO_LKH_PRIV_H

#include "runtime/core/lkh.h"

#define LKH_HEIGHT_MAX 17 /* 2^17 leaves */
#define LKH_KEY_MAX    48

struct lkh_node {
	uint32_t handle;  /* 0: has no key, as nobody is below it */
	uint32_t members; /* below it, those among them that are leaving */
	uint32_t owner;   /* a leaf's: see lkh_tree_join */
	bool leaving;     /* a leaf's */
	bool fresh;       /* made in the renewal under way */
	uint8_t key[LKH_KEY_MAX];
};

struct lkh_tree {
	enum cipher_id cipher;
	void (*random)(void *arg, void *buf, size_t n);
	void *arg;
	unsigned height;
	unsigned shared;    /* heights from here to the root share the KEK; height: none */
	uint32_t next_leaf; /* the first that was never given out */
	uint32_t next_handle;
	struct lkh_node *nodes; /* 2^(height+1) - 1 */
	size_t members, n_leaving, n_free, room;
	uint32_t *leaving, *unused; /* leaves; `room` of either */
	uint32_t kept_free;         /* how many are unused, as the head says that is read */
	struct lkh_cost cost;
	uint64_t changed[(LKH_PARTS + 63) / 64]; /* a bit for each part: lkh_tree_changed */
};

static inline size_t
lkh_node_count(unsigned height)
{
	return ((size_t)2 << height) - 1;
}

static inline struct lkh_node *
lkh_node_at(const struct lkh_tree *t, unsigned height, uint32_t index)
{
	size_t at = ((size_t)index << (height + 1)) + ((size_t)1 << height) - 1;

	return &t->nodes[at];
}

/* Room in both lists for every leaf there is. */
void lkh_lists_reserve(struct lkh_tree *t);
/* The part that this node is of is to be kept anew. */
void lkh_node_touch(struct lkh_tree *t, unsigned height, uint32_t index);

#endif
