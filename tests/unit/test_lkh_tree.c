/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key hierarchy (RFC 2627 5.4, RFC 6407 5.6.3): whoever is in the group knows the current root,
 * whoever has left does not, alone or with all others who have left. The octets between the tree
 * and the paths are those of the wire.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/core/lkh.h"
#include "runtime/core/table.h"
#include "runtime/crypto/random.h"

#define MEMBERS 2048
#define ROOM    65536

static uint64_t seed;

static uint32_t
draw_below(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

static void
random_bytes(void *arg, void *buf, size_t n)
{
	uint8_t *p = buf;

	(void)arg;
	while (n--)
		*p++ = (uint8_t)draw_below(256);
}

/* --- a group with its adversary --------------------------------------------------------------- */

/* All who have left put together what they know: keys by their octets, whatever they are called. */
struct known {
	struct link link;
	uint8_t key[48];
	size_t n;
};

struct member {
	uint32_t leaf, owner;
	struct lkh_path *path;
};

struct group {
	enum cipher_id cipher;
	struct lkh_tree *tree;
	size_t n;
	struct member members[MEMBERS];
	struct table adversary;
	uint32_t next_owner;
	struct span parts[LKH_PARTS]; /* as they were kept last; owned */
	uint8_t buf[ROOM];
	struct wr w;
};

static uint64_t
number_of(struct span key)
{
	uint64_t v;

	memcpy(&v, key.p, sizeof(v));
	return v;
}

static bool
adversary_knows(const struct group *g, struct span key)
{
	const struct link *l = table_find(&g->adversary, number_of(key));

	for (; l; l = table_next(l)) {
		const struct known *k = CONTAINER(l, struct known, link);

		if (k->n == key.n && !memcmp(k->key, key.p, key.n))
			return true;
	}
	return false;
}

static void
adversary_learns(struct group *g, struct span key)
{
	struct known *k;

	if (adversary_knows(g, key))
		return;
	k = x_alloc(sizeof(*k));
	k->n = key.n;
	memcpy(k->key, key.p, key.n);
	table_put(&g->adversary, &k->link, number_of(key));
}

static void
adversary_learns_path(struct group *g, const struct lkh_path *p)
{
	for (size_t i = 0; i < p->n; i++)
		adversary_learns(g, secret_span(&p->keys[i].key));
}

/*
 * An array that a member could open with a key that the adversary has by whatever name is open to
 * the adversary, too: it learns what that member learns. before, after: the member's path.
 */
static void
adversary_listens(struct group *g, const struct lkh_path *before, const struct lkh_path *after)
{
	struct rd r = rd_span(wr_done(&g->w));
	struct gdoi_lkh a;

	while (gdoi_lkh_next(&r, &a))
		for (size_t i = 0; i < before->n; i++) {
			if (before->keys[i].id != a.array.id ||
			    before->keys[i].handle != a.array.handle ||
			    !adversary_knows(g, secret_span(&before->keys[i].key)))
				continue;
			for (size_t k = 0; k < after->n; k++)
				if (after->keys[k].handle >= a.array.keys[0].handle ||
				    after->keys[k].id == a.array.keys[0].id)
					adversary_learns(g, secret_span(&after->keys[k].key));
		}
}

static struct group *
group_new(enum cipher_id cipher)
{
	struct group *g = x_alloc(sizeof(*g));

	g->cipher = cipher;
	g->tree = lkh_tree_new(cipher, random_bytes, NULL);
	return g;
}

static void
group_free(struct group *g)
{
	while (g->n)
		lkh_path_free(g->members[--g->n].path);
	for (size_t i = 0; i < g->adversary.size; i++)
		while (g->adversary.buckets[i]) {
			struct link *l = g->adversary.buckets[i];

			table_remove(&g->adversary, l);
			free(CONTAINER(l, struct known, link));
		}
	table_fini(&g->adversary);
	for (size_t i = 0; i < LKH_PARTS; i++)
		free((void *)(uintptr_t)g->parts[i].p);
	lkh_tree_free(g->tree);
	free(g);
}

static void
join_member(struct group *g)
{
	struct member *m = &g->members[g->n++];

	m->owner = ++g->next_owner;
	assert_true(lkh_tree_join(g->tree, m->owner, &m->leaf));
	g->w = wr_buf(g->buf, sizeof(g->buf));
	lkh_tree_download(g->tree, m->leaf, &g->w);
	assert_false(g->w.bad);
	m->path = lkh_path_download(g->cipher, wr_done(&g->w));
	assert_non_null(m->path);
	assert_int_equal(m->path->n, lkh_tree_depth(g->tree) + 1);
}

static void
remove_member(struct group *g, size_t i)
{
	lkh_tree_leave(g->tree, g->members[i].leaf);
	adversary_learns_path(g, g->members[i].path);
	lkh_path_free(g->members[i].path);
	g->members[i] = g->members[--g->n];
}

static void
renew_keys(struct group *g)
{
	g->w = wr_buf(g->buf, sizeof(g->buf));
	lkh_tree_renew(g->tree, &g->w);
	assert_false(g->w.bad);
	assert_true(gdoi_lkh_check(wr_done(&g->w)));
	for (size_t i = 0; i < g->n; i++) {
		struct lkh_path *before = lkh_path_clone(g->members[i].path);

		assert_true(lkh_path_update(g->members[i].path, wr_done(&g->w)));
		adversary_listens(g, before, g->members[i].path);
		lkh_path_free(before);
	}
}

/* Everybody in the group has the root, and nobody who has left it. */
static void
assert_sound(const struct group *g)
{
	struct span root = lkh_tree_root(g->tree);

	for (size_t i = 0; i < g->n; i++) {
		const struct lkh_path *p = g->members[i].path;
		struct span leaf = lkh_tree_leaf_key(g->tree, g->members[i].leaf);

		assert_true(span_equal_ct(secret_span(lkh_path_root(p)), root));
		assert_true(span_equal_ct(secret_span(lkh_path_leaf(p)), leaf));
		assert_true(p->n <= lkh_tree_depth(g->tree) + 1);
	}
	if (!lkh_tree_pending(g->tree))
		assert_false(adversary_knows(g, root));
}

static void
expel_member(struct group *g, size_t i)
{
	remove_member(g, i);
	do
		renew_keys(g);
	while (lkh_tree_pending(g->tree));
}

/* --- what is kept of it ----------------------------------------------------------------------- */

/* Keeps what has changed, as the store does; how many parts that was. */
static size_t
keep_parts(struct group *g)
{
	uint32_t part;
	size_t n = 0;

	for (; lkh_tree_changed(g->tree, &part); n++) {
		uint8_t buf[LKH_PART_MAX];
		struct wr w = wr_buf(buf, sizeof(buf));

		lkh_tree_put_part(g->tree, part, &w);
		assert_false(w.bad);
		free((void *)(uintptr_t)g->parts[part].p);
		g->parts[part] = SPAN(w.n ? x_memdup(buf, w.n) : NULL, w.n);
	}
	return n;
}

/* The tree, as it comes back from the head it has now and the parts that were kept; NULL: it does
 * not. */
static struct lkh_tree *
tree_of_parts(const struct group *g)
{
	uint8_t head[64];
	struct wr w = wr_buf(head, sizeof(head));
	struct lkh_tree *t;
	struct rd r;
	bool ok = true;

	lkh_tree_put_head(g->tree, &w);
	r = rd_span(wr_done(&w));
	t = lkh_tree_get_head(g->cipher, random_bytes, NULL, &r);
	assert_non_null(t);
	assert_true(rd_done(&r));
	for (uint32_t i = 0; i < LKH_PARTS && ok; i++) {
		r = rd_span(g->parts[i]);
		ok = lkh_tree_get_part(t, i, &r);
	}
	if (ok && lkh_tree_complete(t))
		return t;
	lkh_tree_free(t);
	return NULL;
}

/* The server dies and goes on with what it has kept. */
static void
restart_server(struct group *g)
{
	struct lkh_tree *t;
	uint32_t leaf = 0, owner;
	size_t n = 0;

	keep_parts(g);
	t = tree_of_parts(g);
	assert_non_null(t);
	lkh_tree_free(g->tree);
	g->tree = t;
	for (; lkh_tree_next_leaf(t, &leaf, &owner); leaf++, n++) {
		size_t i = 0;

		while (i < g->n && g->members[i].leaf != leaf)
			i++;
		assert_true(i < g->n && g->members[i].owner == owner);
	}
	assert_int_equal(n, g->n);
}

/* --- tests ------------------------------------------------------------------------------------ */

/* The figure of RFC 2627 5.4.1: user 11 of 16 goes; four arrays, seven keys. */
static void
rfc2627_5_4_1_user_11_of_16(void **state)
{
	struct group *g = group_new(CIPHER_AES_128);
	struct lkh_cost cost;

	(void)state;
	while (g->n < 16)
		join_member(g);
	expel_member(g, 0); /* the tree has grown: once more costs more */
	join_member(g);
	assert_sound(g);
	expel_member(g, 10);
	cost = lkh_tree_cost(g->tree);
	assert_int_equal(cost.arrays, 4);
	assert_int_equal(cost.wraps, 7);
	assert_int_equal(cost.keys, 4 + 3 + 2 + 1);
	assert_sound(g);
	group_free(g);
}

/* A renewal where nobody has left brings the root alone. */
static void
rfc6407_5_6_3_2_only_the_root(void **state)
{
	struct group *g = group_new(CIPHER_3DES);

	(void)state;
	while (g->n < 5)
		join_member(g);
	renew_keys(g);
	renew_keys(g);
	assert_int_equal(lkh_tree_cost(g->tree).arrays, 2);
	assert_int_equal(lkh_tree_cost(g->tree).keys, 2);
	assert_sound(g);
	while (g->n)
		expel_member(g, 0);
	assert_int_equal(lkh_tree_cost(g->tree).arrays, 0);
	join_member(g);
	renew_keys(g);
	assert_sound(g);
	group_free(g);
}

/* A member that has missed a renewal cannot follow the next one, and its path stays as it was. */
static void
rfc6407_4_4_missed_renewal(void **state)
{
	struct group *g = group_new(CIPHER_AES_256);
	struct lkh_path *p;
	size_t n;

	(void)state;
	while (g->n < 8)
		join_member(g);
	renew_keys(g);
	p = lkh_path_clone(g->members[0].path);
	n = p->n;
	expel_member(g, 1); /* its neighbour: the keys above both are new */
	assert_int_equal(p->n, n);
	expel_member(
	    g, 1); /* another: for members 0 and 7 from a node whose key the first never got */
	assert_false(lkh_path_update(p, wr_done(&g->w)));
	assert_int_equal(p->n, n);
	assert_sound(g);
	lkh_path_free(p);
	group_free(g);
}

/*
 * Random joins, leaves and renewals, with each cipher that a KEK may have, and a server that is
 * started again in between.
 */
static void
rfc2627_5_4_random_members(void **state)
{
	static const enum cipher_id ciphers[] = {CIPHER_DES, CIPHER_3DES, CIPHER_AES_128,
	                                         CIPHER_AES_192, CIPHER_AES_256};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(ciphers); k++) {
		struct group *g = group_new(ciphers[k]);
		unsigned step;

		seed = 4711 + k;
		for (step = 0; step < 600; step++) {
			/* Up and down: it grows to some hundreds, and shrinks to nothing. */
			bool up = step / 200 % 2 == 0;
			uint32_t what = draw_below(10);

			if (g->n < MEMBERS && (what < (up ? 7u : 2u) || !g->n))
				join_member(g);
			else if (what < 9)
				remove_member(g, draw_below((uint32_t)g->n));
			if (draw_below(4) == 0 || g->n == 0) {
				renew_keys(g);
				assert_sound(g);
			}
			if (draw_below(3) == 0)
				restart_server(g);
		}
		while (lkh_tree_pending(g->tree))
			renew_keys(g);
		assert_sound(g);
		group_free(g);
	}
}

/* Half of a group at once: more than one message holds, and sound at the end. */
static void
rfc2627_5_4_2_5_bulk_removal(void **state)
{
	struct group *g = group_new(CIPHER_AES_128);
	unsigned messages = 0;

	(void)state;
	seed = 99;
	while (g->n < 1000)
		join_member(g);
	while (g->n > 500)
		remove_member(g, draw_below((uint32_t)g->n));
	do {
		renew_keys(g);
		messages++;
		assert_true(lkh_tree_cost(g->tree).keys <= LKH_UPDATE_MAX);
	} while (lkh_tree_pending(g->tree));
	assert_true(messages > 1);
	assert_sound(g);
	group_free(g);
}

/* Keys of another cipher, a chain that does not decrypt: refused, nothing changed. */
static void
rfc6407_5_6_3_foreign_keys(void **state)
{
	struct group *g = group_new(CIPHER_AES_128);
	struct lkh_path *p;

	(void)state;
	join_member(g);
	join_member(g);
	g->w = wr_buf(g->buf, sizeof(g->buf));
	lkh_tree_download(g->tree, 0, &g->w);
	assert_null(lkh_path_download(CIPHER_AES_256, wr_done(&g->w)));
	assert_null(lkh_path_download(CIPHER_3DES, wr_done(&g->w)));
	g->buf[4 + 4 + 2] = 2; /* a first key that says it is of 3DES */
	assert_null(lkh_path_download(CIPHER_AES_128, wr_done(&g->w)));
	p = lkh_path_clone(g->members[0].path);
	remove_member(g, 1);
	g->w = wr_buf(g->buf, sizeof(g->buf));
	lkh_tree_renew(g->tree, &g->w);
	g->buf[4 + 12 + 2] = 1;
	assert_false(lkh_path_update(p, wr_done(&g->w)));
	assert_int_equal(p->n, g->members[0].path->n);
	lkh_path_free(p);
	group_free(g);
}

/*
 * A server that sends each key by itself, the second under the first, instead of whole chains: 4.4
 * has the member compare and decrypt in turn, and that is enough to follow it.
 */
static void
rfc6407_4_4_arrays_of_one_key(void **state)
{
	struct group *g = group_new(CIPHER_AES_128);
	struct lkh_path *p;
	struct rd r;
	struct gdoi_lkh a;
	uint8_t buf[512];
	struct wr w = wr_buf(buf, sizeof(buf));

	(void)state;
	while (g->n < 4)
		join_member(g);
	renew_keys(g);
	p = lkh_path_clone(g->members[0].path);
	expel_member(g, 1);
	r = rd_span(wr_done(&g->w));
	while (gdoi_lkh_next(&r, &a)) {
		const struct gdoi_lkh_key *k = a.array.keys;

		if (a.array.n != 2)
			continue;
		gdoi_lkh_put_update(&w, a.array.id, a.array.handle, k, 1);
		gdoi_lkh_put_update(&w, k[0].id, k[0].handle, k + 1, 1);
	}
	assert_true(lkh_path_update(p, wr_done(&w)));
	assert_true(span_equal_ct(secret_span(lkh_path_root(p)), lkh_tree_root(g->tree)));
	lkh_path_free(p);
	group_free(g);
}

/* 131 072 members and no more; a leaf comes back when the keys above it are new. */
static void
rfc2627_5_4_full(void **state)
{
	struct lkh_tree *t = lkh_tree_new(CIPHER_AES_128, random_bytes, NULL);
	static uint8_t buf[ROOM];
	struct wr w = wr_buf(buf, sizeof(buf));
	uint32_t leaf;

	(void)state;
	for (uint32_t i = 0; i < LKH_MEMBERS_MAX; i++)
		assert_true(lkh_tree_join(t, 0, &leaf) && leaf == i);
	assert_false(lkh_tree_join(t, 0, &leaf));
	assert_int_equal(lkh_tree_depth(t), 17);
	lkh_tree_leave(t, 77);
	assert_false(lkh_tree_join(t, 0, &leaf));
	lkh_tree_renew(t, &w);
	assert_false(w.bad);
	assert_true(lkh_tree_join(t, 0, &leaf));
	assert_int_equal(leaf, 77);
	lkh_tree_leave(t, 100000);
	w = wr_buf(buf, sizeof(buf));
	lkh_tree_renew(t, &w);
	assert_int_equal(lkh_tree_cost(t).arrays, 17);
	assert_int_equal(lkh_tree_cost(t).wraps, 33); /* table 1 of RFC 2627 */
	lkh_tree_free(t);
}

/* Whatever becomes of a part: it is seen, or the tree is as it was. */
static void
parts_that_do_not_belong_together(void **state)
{
	struct group *g = group_new(CIPHER_AES_128);

	(void)state;
	while (g->n < 70)
		join_member(g);
	keep_parts(g);
	for (uint32_t i = 0; i < LKH_PARTS; i++) {
		struct span part = g->parts[i];

		if (!part.n)
			continue;
		g->parts[i] = SPAN(NULL, 0);
		assert_null(tree_of_parts(g)); /* it is gone */
		for (size_t n = 1; n < part.n; n++) {
			g->parts[i] = SPAN(part.p, n);
			assert_null(tree_of_parts(g)); /* cut off */
		}
		g->parts[i] = part;
		for (size_t n = 0; n < part.n; n++) {
			((uint8_t *)(uintptr_t)part.p)[n] ^= 0xff;
			lkh_tree_free(tree_of_parts(g));
			((uint8_t *)(uintptr_t)part.p)[n] ^= 0xff;
		}
	}
	restart_server(g);
	group_free(g);
}

/* Of 131 072 members few parts change with one of them. */
static void
parts_of_a_large_group(void **state)
{
	struct group *g = group_new(CIPHER_AES_256);
	struct lkh_tree *again;
	uint32_t leaf;

	(void)state;
	for (uint32_t i = 0; i < LKH_MEMBERS_MAX; i++)
		assert_true(lkh_tree_join(g->tree, i, &leaf));
	assert_int_equal(keep_parts(g), LKH_PARTS);
	renew_keys(g); /* all roots that it had as it grew */
	assert_int_equal(keep_parts(g), 3);
	renew_keys(g);
	assert_int_equal(keep_parts(g), 1);
	lkh_tree_leave(g->tree, 100000);
	assert_int_equal(keep_parts(g), 1);
	renew_keys(g);
	assert_int_equal(keep_parts(g), 3);
	assert_true(lkh_tree_join(g->tree, 5, &leaf) && leaf == 100000);
	assert_int_equal(keep_parts(g), 1);
	lkh_tree_touch(g->tree);
	assert_int_equal(keep_parts(g), LKH_PARTS);
	again = tree_of_parts(g);
	assert_non_null(again);
	lkh_tree_free(again);
	group_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc2627_5_4_1_user_11_of_16),
	    cmocka_unit_test(rfc6407_5_6_3_2_only_the_root),
	    cmocka_unit_test(rfc6407_4_4_missed_renewal),
	    cmocka_unit_test(rfc2627_5_4_random_members),
	    cmocka_unit_test(rfc2627_5_4_2_5_bulk_removal),
	    cmocka_unit_test(rfc6407_5_6_3_foreign_keys),
	    cmocka_unit_test(rfc6407_4_4_arrays_of_one_key),
	    cmocka_unit_test(rfc2627_5_4_full),
	    cmocka_unit_test(parts_that_do_not_belong_together),
	    cmocka_unit_test(parts_of_a_large_group),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
