/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
/* Seals on the way in, opens on the way out: see store_sealed.h. */
#include "runtime/store/store_sealed.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/crypto/cipher.h"
#include "runtime/crypto/prf.h"
#include "runtime/crypto/random.h"
#include "runtime/store/store_parts.h"

#define SEAL_NAME    "seal"
#define VERSION      1
#define ID           16
#define HEAD         (1 + AEAD_NONCE)
#define ROOM         (HEAD + AEAD_ICV)
#define PROOF        "testudo store"
#define SEAL_SIZE    (ID + sizeof(PROOF) - 1 + ROOM)
#define MADE_AT_ONCE 8 /* how often two that make the same seal may meet */

_Static_assert(ROOM <= STORE_ROOM_MAX, "what a seal adds");

struct sealed {
	struct store store;
	struct store *inner;
	uint8_t id[ID];
	pthread_mutex_t lock; /* of the key, which has a context */
	struct aead *key;
};

/* --- one value -------------------------------------------------------------------------------- */

/* The identifier and the name; the caller's buffer. */
static struct span
bind_name(const struct sealed *s, const char *name, uint8_t aad[static ID + STORE_NAME_MAX])
{
	size_t n = strnlen(name, STORE_NAME_MAX);

	memcpy(aad, s->id, ID);
	memcpy(aad + ID, name, n);
	return SPAN(aad, ID + n);
}

/* Writes value.n + ROOM octets. */
static void
seal_value(struct sealed *s, const char *name, struct span value, uint8_t *to)
{
	uint8_t aad[ID + STORE_NAME_MAX], *body = to + HEAD;
	struct span bound = bind_name(s, name, aad);

	to[0] = VERSION;
	crypto_random(to + 1, AEAD_NONCE);
	if (value.n)
		memcpy(body, value.p, value.n);
	pthread_mutex_lock(&s->lock);
	if (!aead_seal_nonce(s->key, to + 1, bound, body, value.n, body + value.n))
		abort();
	pthread_mutex_unlock(&s->lock);
}

/* Writes value.n - ROOM octets, to be wiped by the caller. False: it was not sealed so. */
static bool
open_value(struct sealed *s, const char *name, struct span value, uint8_t *to)
{
	uint8_t aad[ID + STORE_NAME_MAX];
	struct span bound = bind_name(s, name, aad);
	size_t n = value.n - ROOM;
	bool right;

	if (value.n < ROOM || value.p[0] != VERSION)
		return false;
	memcpy(to, value.p + HEAD, n);
	pthread_mutex_lock(&s->lock);
	right = aead_open_nonce(s->key, value.p + 1, bound, to, n, value.p + HEAD + n);
	pthread_mutex_unlock(&s->lock);
	return right;
}

/* --- transactions ----------------------------------------------------------------------------- */

static bool
touches_seal(const struct store_txn *txn)
{
	for (size_t i = 0; i < txn->n_checks; i++)
		if (strcmp(txn->checks[i].name, SEAL_NAME) == 0)
			return true;
	for (size_t i = 0; i < txn->n_writes; i++)
		if (strcmp(txn->writes[i].name, SEAL_NAME) == 0)
			return true;
	return false;
}

static int
commit_sealed(struct store *store, const struct store_txn *txn, uint64_t *ret_revision)
{
	struct sealed *s = (struct sealed *)store;
	int error = store_txn_check(store, txn);
	struct store_txn inner = *txn;
	struct store_write *writes;

	if (error)
		return error;
	if (touches_seal(txn))
		return -EINVAL;
	writes = x_alloc(txn->n_writes * sizeof(*writes));
	for (size_t i = 0; i < txn->n_writes; i++) {
		struct span value = txn->writes[i].value;
		uint8_t *p;

		writes[i] = txn->writes[i];
		if (!value.p)
			continue;
		p = x_alloc(value.n + ROOM);
		seal_value(s, writes[i].name, value, p);
		writes[i].value = SPAN(p, value.n + ROOM);
	}
	inner.writes = writes;
	error = s->inner->ops->commit(s->inner, &inner, ret_revision);
	for (size_t i = 0; i < txn->n_writes; i++)
		free((void *)writes[i].value.p);
	free(writes);
	return error;
}

/* --- reading ---------------------------------------------------------------------------------- */

struct reading {
	struct sealed *s;
	store_each *each;
	void *arg;
	uint8_t *buf;
	size_t capacity;
	bool torn;
};

static bool
tell_opened(void *arg, const struct store_record *record)
{
	struct reading *r = arg;
	struct store_record opened = *record;
	bool more;

	if (strcmp(record->name, SEAL_NAME) == 0)
		return true;
	if (!record->value.p)
		return r->each(r->arg, record);
	if (r->capacity < record->value.n) { /* nothing in it: it is wiped after each value */
		free(r->buf);
		r->capacity = record->value.n;
		r->buf = x_alloc(r->capacity);
	}
	if (!open_value(r->s, record->name, record->value, r->buf)) {
		r->torn = true;
		return false;
	}
	opened.value = SPAN(r->buf, record->value.n - ROOM);
	more = r->each(r->arg, &opened);
	wipe(r->buf, opened.value.n);
	return more;
}

static int
end_reading(struct reading *r, int error)
{
	if (r->buf)
		wipe(r->buf, r->capacity);
	free(r->buf);
	return error ? error : r->torn ? -STORE_TORN : 0;
}

static int
read_sealed(struct store *store, const char *prefix, store_each *each, void *arg,
            uint64_t *ret_revision)
{
	struct sealed *s = (struct sealed *)store;
	struct reading r = {.s = s, .each = each, .arg = arg};

	return end_reading(&r,
	                   s->inner->ops->read(s->inner, prefix, tell_opened, &r, ret_revision));
}

static int
changes_sealed(struct store *store, const char *prefix, uint64_t since, unsigned wait,
               store_each *each, void *arg, uint64_t *ret_revision)
{
	struct sealed *s = (struct sealed *)store;
	struct reading r = {.s = s, .each = each, .arg = arg};

	return end_reading(&r, s->inner->ops->changes(s->inner, prefix, since, wait, tell_opened,
	                                              &r, ret_revision));
}

/* --- leases: nothing to hide ------------------------------------------------------------------ */

static int
begin_lease(struct store *store, unsigned ttl, uint64_t *ret_lease)
{
	struct store *inner = ((struct sealed *)store)->inner;

	return inner->ops->lease_begin(inner, ttl, ret_lease);
}

static int
keep_lease(struct store *store, uint64_t lease)
{
	struct store *inner = ((struct sealed *)store)->inner;

	return inner->ops->lease_keep(inner, lease);
}

static int
finish_lease(struct store *store, uint64_t lease)
{
	struct store *inner = ((struct sealed *)store)->inner;

	return inner->ops->lease_end(inner, lease);
}

/* --- the seal --------------------------------------------------------------------------------- */

struct looked {
	bool sealed, others, long_one;
	uint8_t seal[SEAL_SIZE];
};

static bool
look_at(void *arg, const struct store_record *record)
{
	struct looked *l = arg;

	if (strcmp(record->name, SEAL_NAME) != 0) {
		l->others = true;
		return !l->sealed;
	}
	l->sealed = true;
	l->long_one = record->value.n != SEAL_SIZE;
	if (!l->long_one)
		memcpy(l->seal, record->value.p, SEAL_SIZE);
	return false;
}

/* First the seal by its name, so that not all is read; then whether there is any other record. */
static int
look_inside(struct store *inner, struct looked *l)
{
	int error;

	*l = (struct looked){0};
	error = inner->ops->read(inner, SEAL_NAME, look_at, l, NULL);
	if (error || l->sealed)
		return error;
	return inner->ops->read(inner, "", look_at, l, NULL);
}

int
store_sealed_look(struct store *inner)
{
	struct looked l;
	int error = look_inside(inner, &l);

	return error ? error : l.sealed;
}

static void
derive_key(struct sealed *s, const struct secret *key)
{
	static const char info[] = "testudo store 1";
	uint8_t keymat[STORE_KEY + AEAD_NONCE - AEAD_IV] = {0}; /* its salt is not used */

	aead_free(s->key);
	hkdf_derive(HASH_SHA256, secret_span(key), SPAN(s->id, ID), SPAN(info, sizeof(info) - 1),
	            keymat, STORE_KEY);
	s->key = aead_new(CIPHER_GCM_256, SPAN(keymat, sizeof(keymat)));
	wipe(keymat, sizeof(keymat));
	if (!s->key)
		abort();
}

static int
make_seal(struct sealed *s, const struct secret *key)
{
	uint8_t seal[SEAL_SIZE];
	struct store_check check = {.name = SEAL_NAME};
	struct store_write write = {.name = SEAL_NAME, .value = SPAN(seal, sizeof(seal))};
	struct store_txn txn = {.n_checks = 1, .checks = &check, .n_writes = 1, .writes = &write};

	crypto_random(s->id, ID);
	derive_key(s, key);
	memcpy(seal, s->id, ID);
	seal_value(s, SEAL_NAME, SPAN(PROOF, sizeof(PROOF) - 1), seal + ID);
	return s->inner->ops->commit(s->inner, &txn, NULL);
}

static int
prove_seal(struct sealed *s, const struct secret *key, const struct looked *l)
{
	uint8_t proof[sizeof(PROOF) - 1];

	if (l->long_one)
		return -STORE_TORN;
	memcpy(s->id, l->seal, ID);
	derive_key(s, key);
	if (!open_value(s, SEAL_NAME, SPAN(l->seal + ID, SEAL_SIZE - ID), proof) ||
	    memcmp(proof, PROOF, sizeof(proof)) != 0)
		return -STORE_FOREIGN;
	return 0;
}

static int
find_seal(struct sealed *s, const struct secret *key)
{
	struct looked l;
	int error = -EAGAIN;

	for (int i = 0; error == -EAGAIN && i < MADE_AT_ONCE; i++) {
		error = look_inside(s->inner, &l);
		if (error)
			return error;
		if (l.sealed)
			return prove_seal(s, key, &l);
		if (l.others)
			return -STORE_UNSEALED;
		error = make_seal(s, key); /* -EAGAIN: another process was first */
	}
	return error;
}

/* --- birth and end ---------------------------------------------------------------------------- */

static void
close_sealed(struct store *store)
{
	struct sealed *s = (struct sealed *)store;

	store_close(s->inner);
	aead_free(s->key);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static const struct store_ops sealed_ops = {
    .commit = commit_sealed,
    .read = read_sealed,
    .changes = changes_sealed,
    .lease_begin = begin_lease,
    .lease_keep = keep_lease,
    .lease_end = finish_lease,
    .close = close_sealed,
};

int
store_sealed_new(struct store *take_inner, const struct secret *key, struct store **ret)
{
	struct sealed *s = x_alloc(sizeof(*s));
	int error;

	s->store.ops = &sealed_ops;
	s->inner = take_inner;
	take_inner->room = ROOM;
	pthread_mutex_init(&s->lock, NULL);
	error = key->n == STORE_KEY ? find_seal(s, key) : -EINVAL;
	if (error) {
		close_sealed(&s->store);
		return error;
	}
	*ret = &s->store;
	return 0;
}
