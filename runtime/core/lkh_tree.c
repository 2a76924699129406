/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key server's key hierarchy: see lkh.h. The tree is a full binary one that grows at its root.
 * Nodes are kept in the order in which a walk from left to right meets them, so that growing moves
 * none:
 *
 *         3              node height:index stands at (index << height + 1) + (1 << height) - 1
 *     1       5
 *   0   2   4   6        leaf i at 2 i
 *
 * When it grows, the old root's key becomes the new root's, as members know it for the KEK. The old
 * root shares it until the next renewal gives it one of its own, and until then nothing is
 * encrypted under it.
 *
 * What is kept of it (lkh_keep.c) is cut along the same lines: a node never changes its part.
 */
#include "runtime/core/lkh_priv.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/*
 * Sixteen bits are too few for all nodes of a large tree, but no two on one path may look alike:
 * the height, and as much of the index as there is room for. The handle is unique in the whole
 * tree.
 */
static uint16_t
id_of(unsigned height, uint32_t index)
{
	return (uint16_t)(height << 11 | (index & 0x7ff));
}

static void
make_key(struct lkh_tree *t, unsigned h, uint32_t i)
{
	struct lkh_node *n = lkh_node_at(t, h, i);

	t->random(t->arg, n->key, lkh_key_size(t->cipher));
	n->handle = t->next_handle++;
	lkh_node_touch(t, h, i);
}

static struct span
key_of(const struct lkh_tree *t, const struct lkh_node *n)
{
	return SPAN(n->key, lkh_key_size(t->cipher));
}

/* --- birth, growth ---------------------------------------------------------------------------- */

struct lkh_tree *
lkh_tree_new(enum cipher_id cipher, void (*random)(void *arg, void *buf, size_t n), void *arg)
{
	struct lkh_tree *t = x_alloc(sizeof(*t));

	assert(lkh_key_size(cipher) <= LKH_KEY_MAX && cipher_row(cipher)->use[USE_REKEY].number);
	t->cipher = cipher;
	t->random = random;
	t->arg = arg;
	t->height = t->shared = 1;
	t->next_handle = 1;
	t->nodes = x_alloc(lkh_node_count(t->height) * sizeof(*t->nodes));
	make_key(t, t->height, 0);
	return t;
}

void
lkh_tree_free(struct lkh_tree *t)
{
	if (!t)
		return;
	wipe(t->nodes, lkh_node_count(t->height) * sizeof(*t->nodes));
	free(t->nodes);
	free(t->leaving);
	free(t->unused);
	free(t);
}

static void
grow_tree(struct lkh_tree *t)
{
	size_t n = lkh_node_count(t->height);
	struct lkh_node *nodes = x_alloc(lkh_node_count(t->height + 1) * sizeof(*nodes)), *old,
			*root;

	memcpy(nodes, t->nodes, n * sizeof(*nodes));
	wipe(t->nodes, n * sizeof(*nodes));
	free(t->nodes);
	t->nodes = nodes;
	old = lkh_node_at(t, t->height, 0);
	root = lkh_node_at(t, t->height + 1, 0);
	*root = *old;
	root->handle = t->next_handle++;
	t->height++;
	lkh_node_touch(t, t->height, 0);
}

/* --- members ---------------------------------------------------------------------------------- */

enum cipher_id
lkh_tree_cipher(const struct lkh_tree *t)
{
	return t->cipher;
}

void
lkh_lists_reserve(struct lkh_tree *t)
{
	size_t room = (size_t)1 << t->height;
	uint32_t *leaving, *unused;

	if (t->room >= room)
		return;
	leaving = x_alloc(room * sizeof(*leaving));
	unused = x_alloc(room * sizeof(*unused));
	if (t->n_leaving)
		memcpy(leaving, t->leaving, t->n_leaving * sizeof(*leaving));
	if (t->n_free)
		memcpy(unused, t->unused, t->n_free * sizeof(*unused));
	free(t->leaving);
	free(t->unused);
	t->leaving = leaving;
	t->unused = unused;
	t->room = room;
}

bool
lkh_tree_join(struct lkh_tree *t, uint32_t owner, uint32_t *ret_leaf)
{
	uint32_t leaf, i;
	unsigned h;

	if (t->n_free) {
		leaf = t->unused[--t->n_free];
	} else {
		if (t->next_leaf == LKH_MEMBERS_MAX)
			return false;
		if (t->next_leaf == (uint32_t)1 << t->height)
			grow_tree(t);
		leaf = t->next_leaf++;
	}
	lkh_lists_reserve(t);
	for (h = 0, i = leaf; h <= t->height; h++, i >>= 1) {
		struct lkh_node *n = lkh_node_at(t, h, i);

		n->members++;
		if (!n->handle)
			make_key(t, h, i);
	}
	lkh_node_at(t, 0, leaf)->owner = owner;
	t->members++;
	*ret_leaf = leaf;
	return true;
}

void
lkh_tree_leave(struct lkh_tree *t, uint32_t leaf)
{
	t->leaving[t->n_leaving++] = leaf;
	t->members--;
	lkh_node_at(t, 0, leaf)->leaving = true;
	lkh_node_touch(t, 0, leaf);
}

bool
lkh_tree_pending(const struct lkh_tree *t)
{
	return t->n_leaving;
}

/* --- renewal ---------------------------------------------------------------------------------- */

/* New keys from this node to the root. */
static void
refresh_path(struct lkh_tree *t, unsigned h, uint32_t i)
{
	for (; h <= t->height; h++, i >>= 1) {
		struct lkh_node *n = lkh_node_at(t, h, i);

		if (n->fresh)
			return; /* everything above it is fresh, too */
		n->fresh = true;
		make_key(t, h, i);
	}
}

/*
 * A node without members below it has no key; the nodes above it get new ones. The root always has
 * a key.
 */
static void
remove_leaf(struct lkh_tree *t, uint32_t leaf)
{
	for (unsigned h = 0; h <= t->height; h++) {
		struct lkh_node *n = lkh_node_at(t, h, leaf >> h);

		n->members--;
		if (n->members || h == t->height)
			refresh_path(t, h, leaf >> h);
		else
			wipe(n, sizeof(*n));
		lkh_node_touch(t, h, leaf >> h);
	}
	t->unused[t->n_free++] = leaf;
}

/* Removes the members that leave, as many as the arrays of one message can serve. */
static void
take_leaving(struct lkh_tree *t)
{
	size_t each = (size_t)t->height * (t->height + 1) / 2, n = LKH_UPDATE_MAX / each, i;

	if (t->shared < t->height)
		n--;
	while (t->shared < t->height && !lkh_node_at(t, t->shared, 0)->members)
		t->shared++;
	refresh_path(t, t->shared, 0);
	t->shared = t->height;
	for (i = 0; i < n && t->n_leaving; i++)
		remove_leaf(t, t->leaving[--t->n_leaving]);
}

struct renewal {
	struct lkh_tree *t;
	struct wr *w;
	/* By height: each node's new key under the key below it, on the way that is walked now. */
	struct gdoi_lkh_key chain[LKH_HEIGHT_MAX + 1];
	uint8_t wrapped[LKH_HEIGHT_MAX + 1][LKH_DATA_MAX];
};

/* The node's key under its child's, into the chain. */
static void
link_to(struct renewal *r, unsigned h, uint32_t i, const struct lkh_node *child)
{
	struct lkh_tree *t = r->t;
	const struct lkh_node *n = lkh_node_at(t, h, i);

	if (!lkh_wrap(t->cipher, key_of(t, child), key_of(t, n), r->wrapped[h]))
		r->w->bad = true;
	r->chain[h] =
	    (struct gdoi_lkh_key){.id = id_of(h, i),
	                          .type = cipher_row(t->cipher)->use[USE_REKEY].number,
	                          .handle = n->handle,
	                          .data = SPAN(r->wrapped[h], lkh_wrapped_size(t->cipher))};
	t->cost.wraps++;
}

/*
 * Tells a fresh node's key to its children. A child that is fresh, too, tells its own children in
 * turn.
 */
static void
spread_key(struct renewal *r, unsigned h, uint32_t i)
{
	struct lkh_tree *t = r->t;

	lkh_node_at(t, h, i)->fresh = false;
	for (uint32_t c = 2 * i; c <= 2 * i + 1; c++) {
		struct lkh_node *child = lkh_node_at(t, h - 1, c);

		if (!child->members)
			continue;
		link_to(r, h, i, child);
		if (child->fresh) {
			spread_key(r, h - 1, c);
			continue;
		}
		gdoi_lkh_put_update(r->w, id_of(h - 1, c), child->handle, &r->chain[h],
		                    t->height - h + 1);
		t->cost.arrays++;
		t->cost.keys += t->height - h + 1;
	}
}

void
lkh_tree_renew(struct lkh_tree *t, struct wr *w)
{
	struct renewal r = {.t = t, .w = w};

	t->cost = (struct lkh_cost){0};
	take_leaving(t);
	spread_key(&r, t->height, 0);
}

/* --- what is handed out ----------------------------------------------------------------------- */

void
lkh_tree_download(const struct lkh_tree *t, uint32_t leaf, struct wr *w)
{
	struct gdoi_lkh_key keys[LKH_HEIGHT_MAX + 1];
	unsigned h;

	for (h = 0; h <= t->height; h++) {
		const struct lkh_node *n = lkh_node_at(t, h, leaf >> h);

		keys[h] =
		    (struct gdoi_lkh_key){.id = id_of(h, leaf >> h),
		                          .type = cipher_row(t->cipher)->use[USE_REKEY].number,
		                          .handle = n->handle,
		                          .data = key_of(t, n)};
	}
	gdoi_lkh_put_download(w, keys, h);
}

struct span
lkh_tree_root(const struct lkh_tree *t)
{
	return key_of(t, lkh_node_at(t, t->height, 0));
}

struct span
lkh_tree_leaf_key(const struct lkh_tree *t, uint32_t leaf)
{
	return key_of(t, lkh_node_at(t, 0, leaf));
}

unsigned
lkh_tree_depth(const struct lkh_tree *t)
{
	return t->height;
}

struct lkh_cost
lkh_tree_cost(const struct lkh_tree *t)
{
	return t->cost;
}
