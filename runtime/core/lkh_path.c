/* SPDX-License-Identifier: Apache-2.0 */
/* The keys that a member holds of its group's key hierarchy: see lkh.h. */
#include "runtime/core/lkh.h"

#include <stdlib.h>
#include <string.h>

static void
truncate_path(struct lkh_path *p, size_t n)
{
	while (p->n > n)
		secret_fini(&p->keys[--p->n].key);
}

void
lkh_path_free(struct lkh_path *p)
{
	if (!p)
		return;
	truncate_path(p, 0);
	free(p);
}

struct lkh_path *
lkh_path_clone(const struct lkh_path *p)
{
	struct lkh_path *c;

	if (!p)
		return NULL;
	c = x_memdup(p, sizeof(*p));
	for (size_t i = 0; i < c->n; i++) {
		c->keys[i].key = (struct secret){0};
		secret_clone(&c->keys[i].key, &p->keys[i].key);
	}
	return c;
}

const struct secret *
lkh_path_root(const struct lkh_path *p)
{
	return &p->keys[p->n - 1].key;
}

const struct secret *
lkh_path_leaf(const struct lkh_path *p)
{
	return &p->keys[0].key;
}

static void
append_key(struct lkh_path *p, const struct gdoi_lkh_key *k, struct span key)
{
	struct lkh_path_key *to = &p->keys[p->n++];

	*to = (struct lkh_path_key){.id = k->id, .handle = k->handle};
	secret_copy(&to->key, key);
}

/* --- download --------------------------------------------------------------------------------- */

static struct lkh_path *
from_array(enum cipher_id cipher, const struct gdoi_lkh_array *a)
{
	struct lkh_path *p = x_alloc(sizeof(*p));

	p->cipher = cipher;
	for (size_t i = 0; i < a->n; i++) {
		if (a->keys[i].type != cipher_row(cipher)->use[USE_REKEY].number ||
		    a->keys[i].data.n != lkh_key_size(cipher)) {
			lkh_path_free(p);
			return NULL;
		}
		append_key(p, &a->keys[i], a->keys[i].data);
	}
	return p;
}

struct lkh_path *
lkh_path_download(enum cipher_id cipher, struct span attributes)
{
	struct rd r = rd_span(attributes);
	struct gdoi_lkh lkh;

	while (gdoi_lkh_next(&r, &lkh))
		if (lkh.type == LKH_DOWNLOAD_ARRAY)
			return from_array(cipher, &lkh.array);
	return NULL;
}

/* --- update ----------------------------------------------------------------------------------- */

/* Where the array begins on this path; p->n: nowhere. */
static size_t
place_of(const struct lkh_path *p, const struct gdoi_lkh_array *a)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->keys[i].id == a->id && p->keys[i].handle == a->handle)
			break;
	return i;
}

static bool
array_names(const struct gdoi_lkh_array *a, uint16_t id)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->keys[i].id == id)
			return true;
	return false;
}

/*
 * Everything above its first key is replaced by what the array brings; that key too when the array
 * has another for its node. False: not keys of this cipher, or a path too long.
 */
static bool
take_array(struct lkh_path *p, size_t from, const struct gdoi_lkh_array *a)
{
	uint8_t plain[LKH_DATA_MAX];
	struct secret under = {0};
	bool ok = lkh_wrapped_size(p->cipher) <= sizeof(plain);

	secret_clone(&under, &p->keys[from].key);
	truncate_path(p, from + 1);
	if (from && array_names(a, a->id))
		truncate_path(p, from);
	for (size_t i = 0; ok && i < a->n; i++) {
		const struct gdoi_lkh_key *k = &a->keys[i];

		ok = p->n < LKH_PATH_MAX &&
		     k->type == cipher_row(p->cipher)->use[USE_REKEY].number &&
		     lkh_unwrap(p->cipher, secret_span(&under), k->data, plain);
		if (ok) {
			append_key(p, k, SPAN(plain, lkh_key_size(p->cipher)));
			secret_copy(&under, SPAN(plain, lkh_key_size(p->cipher)));
		}
	}
	secret_fini(&under);
	wipe(plain, sizeof(plain));
	return ok;
}

bool
lkh_path_update(struct lkh_path *p, struct span attributes)
{
	struct lkh_path *fresh = lkh_path_clone(p), was;
	struct rd r = rd_span(attributes);
	struct gdoi_lkh lkh;
	bool ok = true, followed = false;

	while (ok && gdoi_lkh_next(&r, &lkh)) {
		size_t at;

		if (lkh.type != LKH_UPDATE_ARRAY)
			continue;
		at = place_of(fresh, &lkh.array);
		if (at == fresh->n)
			continue;
		ok = take_array(fresh, at, &lkh.array);
		followed = true;
	}
	ok = ok && followed && !r.bad;
	if (ok) {
		was = *p;
		*p = *fresh;
		*fresh = was;
	}
	lkh_path_free(fresh);
	return ok;
}
