/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key server's key hierarchy as octets, to be kept: see lkh.h. The head is small and changes with
 * every key. The nodes are cut into parts that are subtrees of six levels each, so that a member
 * that comes or goes changes one part in each three at most:
 *
 *                 /\            heights 12 to 17: 1 part
 *                /__\
 *              /\ .. /\         heights 6 to 11: up to 64
 *             /__\  /__\
 *           /\ ........ /\      heights 0 to 5: up to 4096
 *
 * How many members are below a node is not kept, but counted when all parts are there. Then, too,
 * it shows whether they belong together.
 */
#include "runtime/core/lkh_priv.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/wire/rd.h"
#include "runtime/wire/wr.h"

#define LEVELS 6 /* of a part */
#define TIERS  3

_Static_assert(LKH_HEIGHT_MAX == LEVELS * TIERS - 1, "the uppermost tier is one part");
_Static_assert(LKH_MEMBERS_MAX == 1 << LKH_HEIGHT_MAX, "every leaf is in a part");

/* --- which node is in which part -------------------------------------------------------------- */

/* The first part of a tier, and of the one above it. */
static const uint32_t tier_parts[TIERS + 1] = {0, 4096, 4096 + 64, LKH_PARTS};

static uint32_t
part_of(unsigned height, uint32_t index)
{
	return tier_parts[height / LEVELS] + (index >> (LEVELS - 1 - height % LEVELS));
}

/* A node's place in its part: from the root down, each level from left to right. */
struct place {
	unsigned height;
	uint32_t index;
};

#define PLACES ((1 << LEVELS) - 1)

static struct place
place_at(uint32_t part, unsigned at)
{
	unsigned tier = 0, depth = 0;

	while (part >= tier_parts[tier + 1])
		tier++;
	while ((2u << depth) - 1 <= at)
		depth++;
	return (struct place){.height = tier * LEVELS + LEVELS - 1 - depth,
	                      .index =
	                          ((part - tier_parts[tier]) << depth) + at - (1u << depth) + 1};
}

/* NULL: the tree is not so high, or not so broad. */
static struct lkh_node *
node_in(const struct lkh_tree *t, struct place p)
{
	bool inside = p.height <= t->height && p.index >> (t->height - p.height) == 0;

	return inside ? lkh_node_at(t, p.height, p.index) : NULL;
}

/* --- what has changed ------------------------------------------------------------------------- */

static void
mark_part(struct lkh_tree *t, uint32_t part)
{
	t->changed[part / 64] |= (uint64_t)1 << part % 64;
}

void
lkh_node_touch(struct lkh_tree *t, unsigned height, uint32_t index)
{
	mark_part(t, part_of(height, index));
}

bool
lkh_tree_changed(struct lkh_tree *t, uint32_t *ret_part)
{
	for (uint32_t i = 0; i < ARRAY_SIZE(t->changed); i++) {
		unsigned bit = 0;

		if (!t->changed[i])
			continue;
		while (!(t->changed[i] >> bit & 1))
			bit++;
		t->changed[i] &= t->changed[i] - 1;
		*ret_part = i * 64 + bit;
		return true;
	}
	return false;
}

void
lkh_tree_touch(struct lkh_tree *t)
{
	for (unsigned h = 0; h <= t->height; h += LEVELS)
		for (uint32_t i = 0; i < (uint32_t)1 << (t->height - h); i++)
			if (lkh_node_at(t, h, i)->handle)
				lkh_node_touch(t, h, i);
	lkh_node_touch(t, t->height, 0); /* has a key, though nobody be below it */
}

/* --- the head --------------------------------------------------------------------------------- */

void
lkh_tree_put_head(const struct lkh_tree *t, struct wr *w)
{
	wr_u8(w, (uint8_t)t->height);
	wr_u8(w, (uint8_t)t->shared);
	wr_u32(w, t->next_leaf);
	wr_u32(w, (uint32_t)t->n_free);
	wr_u32(w, t->next_handle);
	wr_u32(w, (uint32_t)t->cost.arrays);
	wr_u32(w, (uint32_t)t->cost.wraps);
	wr_u32(w, (uint32_t)t->cost.keys);
}

struct lkh_tree *
lkh_tree_get_head(enum cipher_id cipher, void (*random)(void *arg, void *buf, size_t n), void *arg,
                  struct rd *r)
{
	struct lkh_tree *t = x_alloc(sizeof(*t));

	t->cipher = cipher;
	t->random = random;
	t->arg = arg;
	t->height = rd_u8(r);
	t->shared = rd_u8(r);
	t->next_leaf = rd_u32(r);
	t->kept_free = rd_u32(r);
	t->next_handle = rd_u32(r);
	t->cost.arrays = rd_u32(r);
	t->cost.wraps = rd_u32(r);
	t->cost.keys = rd_u32(r);
	if (r->bad || lkh_key_size(cipher) > LKH_KEY_MAX ||
	    !cipher_row(cipher)->use[USE_REKEY].number || !t->height ||
	    t->height > LKH_HEIGHT_MAX || !t->shared || t->shared > t->height ||
	    t->next_leaf > (uint32_t)1 << t->height || !t->next_handle) {
		free(t);
		return NULL;
	}
	t->nodes = x_alloc(lkh_node_count(t->height) * sizeof(*t->nodes));
	return t;
}

/* --- a part: place, handle and key of each node that has one; of a leaf, whose it is ---------- */

void
lkh_tree_put_part(const struct lkh_tree *t, uint32_t part, struct wr *w)
{
	for (unsigned at = 0; at < PLACES; at++) {
		struct place p = place_at(part, at);
		const struct lkh_node *n = node_in(t, p);

		if (!n || !n->handle)
			continue;
		wr_u8(w, (uint8_t)at);
		wr_u32(w, n->handle);
		wr_bytes(w, n->key, lkh_key_size(t->cipher));
		if (!p.height) {
			wr_u8(w, n->leaving);
			wr_u32(w, n->owner);
		}
	}
}

bool
lkh_tree_get_part(struct lkh_tree *t, uint32_t part, struct rd *r)
{
	unsigned next = 0;

	while (part < LKH_PARTS && rd_left(r)) {
		unsigned at = rd_u8(r);
		struct place p = {0};
		struct lkh_node *n = NULL;
		struct span key;

		if (at >= next && at < PLACES) {
			p = place_at(part, at);
			n = node_in(t, p);
		}
		if (!n || n->handle)
			return false;
		next = at + 1;
		n->handle = rd_u32(r);
		key = rd_take(r, lkh_key_size(t->cipher));
		if (!key.p || !n->handle || n->handle >= t->next_handle)
			return false;
		memcpy(n->key, key.p, key.n);
		if (!p.height) {
			n->leaving = rd_u8(r);
			n->owner = rd_u32(r);
		}
	}
	return part < LKH_PARTS && !r->bad;
}

/* --- all of it -------------------------------------------------------------------------------- */

/* Into the list that it belongs to; false: nobody was ever given it. */
static bool
list_leaf(struct lkh_tree *t, uint32_t leaf)
{
	struct lkh_node *n = lkh_node_at(t, 0, leaf);

	n->members = n->handle != 0;
	if (leaf >= t->next_leaf)
		return !n->handle;
	if (!n->handle)
		t->unused[t->n_free++] = leaf;
	else if (n->leaving)
		t->leaving[t->n_leaving++] = leaf;
	else
		t->members++;
	return true;
}

/* A node has a key if somebody is below it; the root always has. */
static bool
count_members(struct lkh_tree *t, unsigned h, uint32_t i)
{
	struct lkh_node *n = lkh_node_at(t, h, i);

	n->members =
	    lkh_node_at(t, h - 1, 2 * i)->members + lkh_node_at(t, h - 1, 2 * i + 1)->members;
	return (n->members || h == t->height) == (n->handle != 0);
}

bool
lkh_tree_complete(struct lkh_tree *t)
{
	bool ok = true;

	lkh_lists_reserve(t);
	for (uint32_t i = (uint32_t)1 << t->height; i-- && ok;) /* the first is given out first */
		ok = list_leaf(t, i);
	for (unsigned h = 1; h <= t->height && ok; h++)
		for (uint32_t i = 0; i < (uint32_t)1 << (t->height - h) && ok; i++)
			ok = count_members(t, h, i);
	return ok && t->n_free == t->kept_free;
}

bool
lkh_tree_next_leaf(const struct lkh_tree *t, uint32_t *leaf, uint32_t *ret_owner)
{
	for (; *leaf < t->next_leaf; ++*leaf) {
		const struct lkh_node *n = lkh_node_at(t, 0, *leaf);

		if (!n->handle || n->leaving)
			continue;
		*ret_owner = n->owner;
		return true;
	}
	return false;
}
