/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which device a rule means: the one of that name, whichever it is, and every one that had the
 * name when rules were made, whatever it is called now; but for one whose name other rules mean.
 * Somebody who renames a device below a running router must not take its door away, nor may
 * whoever deletes it and makes it anew; the kernel looks at both for each packet, so there is no
 * moment between.
 *
 * A set holds pairs of index and name: each index with any name, and the name with any index.
 */
#define _GNU_SOURCE
#include "runtime/dataplane/kernel/nft_priv.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/set.h>

#include "runtime/base/netns.h"

/*
 * Of the types that the program nft knows: iface_index and, for a name, ipv6_addr, which is as
 * long. It cannot list ranges of names.
 */
#define TYPE_PAIR   (20 << 6 | 8)

#define INDEXES_MAX 64 /* of one name; they fit into one message, and the oldest goes first */

struct pair {
	uint32_t index;
	char name[IFNAMSIZ];
};

struct nft_device {
	char name[IFNAMSIZ];
	bool looked;  /* in this batch: who has the name now */
	uint32_t set; /* its number in this batch; 0: not in it yet */
	size_t n_indexes;
	uint32_t indexes[INDEXES_MAX];
};

void
nft_devices_free(struct nft *n)
{
	free(n->devices);
}

void
nft_devices_begin(struct nft *n)
{
	for (size_t i = 0; i < n->n_devices; i++) {
		n->devices[i].set = 0;
		n->devices[i].looked = false;
	}
}

static struct nft_device *
find_device(struct nft *n, const char *name)
{
	struct nft_device *d;

	for (size_t i = 0; i < n->n_devices; i++)
		if (!strncmp(n->devices[i].name, name, IFNAMSIZ - 1))
			return &n->devices[i];
	x_grow(&n->devices, &n->devices_capacity, n->n_devices + 1, sizeof(*n->devices));
	d = &n->devices[n->n_devices++];
	*d = (struct nft_device){0};
	snprintf(d->name, sizeof(d->name), "%s", name);
	return d;
}

/* Not when it has gone, nor with the name of another device that rules mean. */
static bool
index_counts(const struct nft *n, const struct nft_device *d, uint32_t index)
{
	char name[IF_NAMESIZE];

	if (!if_indextoname(index, name))
		return errno != ENXIO;
	for (size_t i = 0; i < n->n_devices; i++)
		if (&n->devices[i] != d && !strncmp(n->devices[i].name, name, IFNAMSIZ - 1))
			return false;
	return true;
}

struct look {
	const struct nft *n;
	struct nft_device *d;
	uint32_t index; /* of who has the name now; 0: nobody */
};

static int
look_inside(void *arg)
{
	struct look *l = arg;
	struct nft_device *d = l->d;
	size_t kept = 0;

	l->index = if_nametoindex(d->name);
	for (size_t i = 0; i < d->n_indexes; i++)
		if (d->indexes[i] != l->index && index_counts(l->n, d, d->indexes[i]))
			d->indexes[kept++] = d->indexes[i];
	d->n_indexes = kept;
	return 0;
}

/* Remembers who has the name now, beside those who had it and are still there. */
static void
remember_index(struct nft *n, struct nft_device *d)
{
	struct look l = {.n = n, .d = d};

	if (d->looked)
		return;
	d->looked = true;
	if (netns_inside(n->netns, look_inside, &l) || !l.index)
		return;
	if (d->n_indexes == INDEXES_MAX)
		memmove(d->indexes, d->indexes + 1, --d->n_indexes * sizeof(*d->indexes));
	d->indexes[d->n_indexes++] = l.index;
}

/* --- the set ---------------------------------------------------------------------------------- */

static void
add_pairs(struct nftnl_set *s, const struct pair *from, const struct pair *to)
{
	struct nftnl_set_elem *e = nftnl_set_elem_alloc();

	if (!e)
		abort();
	nftnl_set_elem_set(e, NFTNL_SET_ELEM_KEY, from, sizeof(*from));
	nftnl_set_elem_set(e, NFTNL_SET_ELEM_KEY_END, to, sizeof(*to));
	nftnl_set_elem_add(s, e);
}

static const char *
set_name(const struct nft *n, const struct nft_device *d, char text[static 32])
{
	snprintf(text, 32, "device-%zu", (size_t)(d - n->devices));
	return text;
}

static struct nftnl_set *
device_set(const struct nft *n, const struct nft_device *d)
{
	static const uint8_t lengths[] = {sizeof(uint32_t), IFNAMSIZ};
	struct nftnl_set *s = nftnl_set_alloc();
	struct pair from = {.index = 0}, to = {.index = UINT32_MAX};
	char name[32];

	if (!s)
		abort();
	nftnl_set_set_str(s, NFTNL_SET_TABLE, n->table);
	nftnl_set_set_str(s, NFTNL_SET_NAME, set_name(n, d, name));
	nftnl_set_set_u32(s, NFTNL_SET_ID, d->set);
	nftnl_set_set_u32(s, NFTNL_SET_FAMILY, NFPROTO_IPV4);
	nftnl_set_set_u32(s, NFTNL_SET_FLAGS, NFT_SET_INTERVAL | NFT_SET_CONCAT);
	nftnl_set_set_u32(s, NFTNL_SET_KEY_TYPE, TYPE_PAIR);
	nftnl_set_set_u32(s, NFTNL_SET_KEY_LEN, sizeof(struct pair));
	nftnl_set_set_data(s, NFTNL_SET_DESC_CONCAT, lengths, sizeof(lengths));
	memcpy(from.name, d->name, IFNAMSIZ);
	memcpy(to.name, d->name, IFNAMSIZ);
	add_pairs(s, &from, &to);
	memset(from.name, 0, IFNAMSIZ);
	memset(to.name, 0xff, IFNAMSIZ);
	for (size_t i = 0; i < d->n_indexes; i++) {
		from.index = to.index = d->indexes[i];
		add_pairs(s, &from, &to);
	}
	return s;
}

/* The set goes into the batch once; the rule that is being built follows it. */
static void
put_set(struct nft *n, struct nft_device *d)
{
	struct nftnl_set *s;

	d->set = n->last_set++;
	s = device_set(n, d);
	nft_say_set(n, s);
	nft_say_elements(n, s);
	nftnl_set_free(s);
}

/* --- the match -------------------------------------------------------------------------------- */

static void
load_key(struct nft *n, bool route, uint32_t key, uint32_t into)
{
	struct nftnl_expr *e = nft_expr(n, route ? "fib" : "meta");

	if (route) {
		nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_DREG, into);
		nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_RESULT, key);
		nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_FLAGS, NFTA_FIB_F_DADDR);
	} else {
		nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, into);
		nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, key);
	}
}

/* Where nobody ever had the name. */
static void
match_name(struct nft *n, const struct nft_device_keys *keys, bool inverted,
           const struct nft_device *d)
{
	load_key(n, keys->route, keys->name, NFT_REG_1);
	nft_compare(n, inverted ? NFT_CMP_NEQ : NFT_CMP_EQ, d->name, sizeof(d->name));
}

void
nft_match_device(struct nft *n, const struct nft_device_keys *keys, bool inverted,
                 const char *device)
{
	struct nft_device *d = find_device(n, device);
	struct nftnl_expr *e;
	char name[32];

	remember_index(n, d);
	if (!d->n_indexes) {
		match_name(n, keys, inverted, d);
		return;
	}
	if (!d->set)
		put_set(n, d);
	load_key(n, keys->route, keys->index, NFT_REG32_00);
	load_key(n, keys->route, keys->name, NFT_REG32_01);
	e = nft_expr(n, "lookup");
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SREG, NFT_REG32_00);
	nftnl_expr_set_str(e, NFTNL_EXPR_LOOKUP_SET, set_name(n, d, name));
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SET_ID, d->set);
	if (inverted)
		nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
}
