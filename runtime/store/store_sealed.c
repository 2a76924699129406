/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
/* Seals on the way in, opens on the way out: see store_sealed.h. */
#include "runtime/store/store_sealed.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/crypto/cipher.h"
#include "runtime/crypto/prf.h"
#include "runtime/crypto/random.h"
#include "runtime/store/store_parts.h"

#define SEAL_NAME             "seal"
#define VERSION               1 /* of a value */
#define ID                    STORE_ID
#define HEAD                  (1 + AEAD_NONCE)
#define ROOM                  (HEAD + AEAD_ICV)
#define SEAL_VERSION          2
#define PROOF                 "testudo store" /* what a seal of version 1 holds, instead of a key */
#define SEAL_SIZE             (ID + STORE_KEY + ROOM)
#define SEAL_SIZE_OF(version) ((version) == 1 ? ID + sizeof(PROOF) - 1 + ROOM : SEAL_SIZE)
#define MADE_AT_ONCE          8 /* how often two that make the same seal may meet */

_Static_assert(ROOM <= STORE_ROOM_MAX, "what a seal adds");

struct sealed {
	struct store store;
	struct store *inner;
	uint8_t id[ID];
	struct secret own;    /* its own key */
	atomic_bool damaged;  /* the store behind it has said so */
	pthread_mutex_t lock; /* of what follows */
	struct aead *key;     /* the context of its own key */
	uint8_t seal[SEAL_SIZE];
	size_t n_seal;
	uint64_t sealed_at; /* the revision of that record; 0: it was found to be gone */
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
seal_under(const struct sealed *s, struct aead *key, uint8_t version, const char *name,
           struct span value, uint8_t *to)
{
	uint8_t aad[ID + STORE_NAME_MAX], *body = to + HEAD;
	struct span bound = bind_name(s, name, aad);

	to[0] = version;
	crypto_random(to + 1, AEAD_NONCE);
	if (value.n)
		memcpy(body, value.p, value.n);
	if (!aead_seal_nonce(key, to + 1, bound, body, value.n, body + value.n))
		abort();
}

/* Writes value.n - ROOM octets, to be wiped by the caller. False: it was not sealed so. */
static bool
open_under(const struct sealed *s, struct aead *key, uint8_t version, const char *name,
           struct span value, uint8_t *to)
{
	uint8_t aad[ID + STORE_NAME_MAX];
	struct span bound = bind_name(s, name, aad);
	size_t n = value.n - ROOM;

	if (value.n < ROOM || value.p[0] != version)
		return false;
	memcpy(to, value.p + HEAD, n);
	return aead_open_nonce(key, value.p + 1, bound, to, n, value.p + HEAD + n);
}

static void
seal_value(struct sealed *s, const char *name, struct span value, uint8_t *to)
{
	pthread_mutex_lock(&s->lock);
	seal_under(s, s->key, VERSION, name, value, to);
	pthread_mutex_unlock(&s->lock);
}

static bool
open_value(struct sealed *s, const char *name, struct span value, uint8_t *to)
{
	bool right;

	pthread_mutex_lock(&s->lock);
	right = open_under(s, s->key, VERSION, name, value, to);
	pthread_mutex_unlock(&s->lock);
	return right;
}

/* --- the seal as it stands -------------------------------------------------------------------- */

struct looked {
	bool sealed, others;
	uint64_t revision;
	size_t n; /* octets of the seal, also those that there is no room for */
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
	l->revision = record->revision;
	l->n = record->value.n;
	memcpy(l->seal, record->value.p, l->n < SEAL_SIZE ? l->n : SEAL_SIZE);
	return false;
}

static int
look_for_seal(struct store *inner, struct looked *l)
{
	*l = (struct looked){0};
	return inner->ops->read(inner, SEAL_NAME, look_at, l, NULL);
}

/* Is it a seal that this version reads? */
static int
check_seal(const struct looked *l)
{
	if (l->n <= ID)
		return -STORE_TORN;
	if (l->seal[ID] > SEAL_VERSION)
		return -STORE_NEWER;
	return l->seal[ID] && l->n == SEAL_SIZE_OF(l->seal[ID]) ? 0 : -STORE_TORN;
}

static void
note_seal(struct sealed *s, struct span seal, uint64_t revision)
{
	pthread_mutex_lock(&s->lock);
	memcpy(s->seal, seal.p, seal.n);
	s->n_seal = seal.n;
	s->sealed_at = revision;
	pthread_mutex_unlock(&s->lock);
}

/* What the store behind it answers. */
static int
note_damage(struct sealed *s, int error)
{
	if (error == -STORE_TORN)
		atomic_store(&s->damaged, true);
	return error;
}

/* Why a commit failed: a check of the caller's, -EAGAIN, or the seal, which is then known again. */
static int
find_reason(struct sealed *s, uint64_t revision)
{
	struct looked l;
	int error = note_damage(s, look_for_seal(s->inner, &l));

	if (error)
		return error;
	if (l.revision == revision)
		return -EAGAIN;
	if (!l.sealed) {
		pthread_mutex_lock(&s->lock);
		s->sealed_at = 0;
		pthread_mutex_unlock(&s->lock);
		return 0;
	}
	error = check_seal(&l);
	if (!error && memcmp(l.seal, s->id, ID) != 0)
		error = -STORE_FOREIGN;
	if (!error)
		note_seal(s, SPAN(l.seal, l.n), l.revision);
	return error;
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

/* Values in *to, of which all that have a p are to be freed. */
static void
seal_writes(struct sealed *s, const struct store_txn *txn, struct store_write *to)
{
	for (size_t i = 0; i < txn->n_writes; i++) {
		struct span value = txn->writes[i].value;
		uint8_t *p;

		to[i] = txn->writes[i];
		if (!value.p)
			continue;
		p = x_alloc(value.n + ROOM);
		seal_value(s, to[i].name, value, p);
		to[i].value = SPAN(p, value.n + ROOM);
	}
}

/*
 * Only while the seal is what it was; if it is gone, with the seal. Both arrays have room for it
 * behind what txn has. again: the seal is another one than it was.
 */
static int
commit_with_seal(struct sealed *s, const struct store_txn *txn, struct store_check *checks,
                 struct store_write *writes, uint64_t *ret_revision, bool *ret_again)
{
	struct store_txn inner = {.n_checks = txn->n_checks + 1,
	                          .checks = checks,
	                          .n_writes = txn->n_writes,
	                          .writes = writes};
	uint8_t seal[SEAL_SIZE];
	struct span back;
	uint64_t at, revision;
	int error;

	pthread_mutex_lock(&s->lock);
	at = s->sealed_at;
	back = SPAN(seal, s->n_seal);
	memcpy(seal, s->seal, s->n_seal);
	pthread_mutex_unlock(&s->lock);
	checks[txn->n_checks] = (struct store_check){.name = SEAL_NAME, .revision = at};
	if (!at)
		writes[inner.n_writes++] = (struct store_write){.name = SEAL_NAME, .value = back};
	error = note_damage(s, s->inner->ops->commit(s->inner, &inner, &revision));
	*ret_again = false;
	if (error == -EAGAIN) {
		error = find_reason(s, at);
		*ret_again = !error;
		return error ? error : -EBUSY;
	}
	if (!error && !at)
		note_seal(s, back, revision);
	if (!error && ret_revision)
		*ret_revision = revision;
	return error;
}

/*
 * Whoever wipes the store takes the seal, too; what is written then without it nobody could read
 * after a restart. And who has made another seal must not find records that it does not open.
 */
static int
commit_sealed(struct store *store, const struct store_txn *txn, uint64_t *ret_revision)
{
	struct sealed *s = (struct sealed *)store;
	int error = store_txn_check(store, txn);
	struct store_check *checks;
	struct store_write *writes;
	bool again = true;

	if (error)
		return error;
	if (touches_seal(txn))
		return -EINVAL;
	if (!txn->n_writes)
		return note_damage(s, s->inner->ops->commit(s->inner, txn, ret_revision));
	checks = x_alloc((txn->n_checks + 1) * sizeof(*checks));
	if (txn->n_checks)
		memcpy(checks, txn->checks, txn->n_checks * sizeof(*checks));
	writes = x_alloc((txn->n_writes + 1) * sizeof(*writes));
	seal_writes(s, txn, writes);
	for (int i = 0; again && i < MADE_AT_ONCE; i++)
		error = commit_with_seal(s, txn, checks, writes, ret_revision, &again);
	for (size_t i = 0; i < txn->n_writes; i++)
		free((void *)(uintptr_t)writes[i].value.p);
	free(writes);
	free(checks);
	return error;
}

/* --- reading ---------------------------------------------------------------------------------- */

struct reading {
	struct sealed *s;
	store_each *each;
	void *arg;
	uint8_t *buf;
	size_t capacity;
	bool torn; /* some record was, and was told as such */
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
		opened.value = (struct span){0};
		opened.torn = true;
		return r->each(r->arg, &opened);
	}
	opened.value = SPAN(r->buf, record->value.n - ROOM);
	more = r->each(r->arg, &opened);
	wipe(r->buf, opened.value.n);
	return more;
}

/* Why a record does not open: it was not sealed here, or nothing is any more. */
static int
find_who_sealed(struct sealed *s)
{
	struct looked l;
	int error = note_damage(s, look_for_seal(s->inner, &l));

	if (error)
		return error;
	if (l.sealed && (l.n < ID || memcmp(l.seal, s->id, ID) != 0))
		return -STORE_FOREIGN;
	return -STORE_TORN;
}

static int
end_reading(struct reading *r, int error)
{
	if (r->buf)
		wipe(r->buf, r->capacity);
	free(r->buf);
	if (note_damage(r->s, error))
		return error;
	return r->torn ? find_who_sealed(r->s) : 0;
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

/* What has gone has no value. */
static int
listen_behind(struct store *store, const char *prefix, const char *last, uint64_t since,
              unsigned wait, const atomic_bool *stop)
{
	struct store *inner = ((struct sealed *)store)->inner;

	return inner->ops->listen ? inner->ops->listen(inner, prefix, last, since, wait, stop) : 0;
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

/* First the seal by its name, so that not all is read; then whether there is any other record. */
static int
look_inside(struct store *inner, struct looked *l)
{
	int error = look_for_seal(inner, l);

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

static struct aead *
context_of(const uint8_t key[static STORE_KEY])
{
	uint8_t keymat[STORE_KEY + AEAD_NONCE - AEAD_IV] = {0}; /* its salt is not used */
	struct aead *a;

	memcpy(keymat, key, STORE_KEY);
	a = aead_new(CIPHER_GCM_256, SPAN(keymat, sizeof(keymat)));
	wipe(keymat, sizeof(keymat));
	if (!a)
		abort();
	return a;
}

/* What the given key is for a seal of this version; 0 or -errno. */
static int
derive_key(const struct sealed *s, const struct store_key *given, uint8_t version,
           uint8_t ret[static STORE_KEY])
{
	char info[32];
	const int n = snprintf(info, sizeof(info), "testudo store %u", version);
	uint8_t stretched[STORE_KEY];
	struct span key = given->octets;

	if (given->words) {
		if (!scrypt_derive(key, SPAN(s->id, ID), stretched, sizeof(stretched)))
			return -ENOMEM;
		key = SPAN(stretched, sizeof(stretched));
	}
	hkdf_derive(HASH_SHA256, key, SPAN(s->id, ID), SPAN(info, (size_t)n), ret, STORE_KEY);
	wipe(stretched, sizeof(stretched));
	return 0;
}

static void
take_own(struct sealed *s, const uint8_t own[static STORE_KEY])
{
	secret_copy(&s->own, SPAN(own, STORE_KEY));
	aead_free(s->key);
	s->key = context_of(own);
}

static bool
are_keys(const struct store_key *keys, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!keys[i].words && keys[i].octets.n != STORE_KEY)
			return false;
	return n > 0;
}

/* Its own key under the given one, in place of the seal of this revision; 0: there is none. */
static int
put_seal(struct sealed *s, const struct store_key *given, uint64_t revision)
{
	uint8_t seal[SEAL_SIZE], key[STORE_KEY];
	struct store_check check = {.name = SEAL_NAME, .revision = revision};
	struct store_write write = {.name = SEAL_NAME, .value = SPAN(seal, sizeof(seal))};
	struct store_txn txn = {.n_checks = 1, .checks = &check, .n_writes = 1, .writes = &write};
	int error = derive_key(s, given, SEAL_VERSION, key);
	uint64_t sealed_at;
	struct aead *under;

	if (error)
		return error;
	under = context_of(key);
	memcpy(seal, s->id, ID);
	seal_under(s, under, SEAL_VERSION, SEAL_NAME, secret_span(&s->own), seal + ID);
	aead_free(under);
	wipe(key, sizeof(key));
	error = s->inner->ops->commit(s->inner, &txn, &sealed_at);
	if (!error)
		note_seal(s, SPAN(seal, sizeof(seal)), sealed_at);
	return error;
}

static int
make_seal(struct sealed *s, const struct store_key *given)
{
	uint8_t own[STORE_KEY];

	crypto_random(s->id, ID);
	crypto_random(own, sizeof(own));
	take_own(s, own);
	wipe(own, sizeof(own));
	return put_seal(s, given, 0);
}

/* Does the given key open this seal, so that the store's own is known? */
static int
try_key(struct sealed *s, const struct store_key *given, const struct looked *l)
{
	uint8_t version = l->seal[ID], key[STORE_KEY], held[STORE_KEY];
	struct aead *under;
	int error = derive_key(s, given, version, key);
	bool right;

	if (error)
		return error;
	under = context_of(key);
	right = open_under(s, under, version, SEAL_NAME, SPAN(l->seal + ID, l->n - ID), held);
	aead_free(under);
	if (right && version == SEAL_VERSION)
		take_own(s, held);
	else if (right && !memcmp(held, PROOF, sizeof(PROOF) - 1))
		take_own(s, key);
	else
		right = false;
	wipe(key, sizeof(key));
	wipe(held, sizeof(held));
	return right ? 0 : -STORE_FOREIGN;
}

static int
open_seal(struct sealed *s, const struct store_key *keys, size_t n, const struct looked *l,
          size_t *ret_which)
{
	int error = check_seal(l);

	if (error)
		return error;
	memcpy(s->id, l->seal, ID);
	error = -STORE_FOREIGN;
	for (*ret_which = 0; *ret_which < n; ++*ret_which) {
		error = try_key(s, &keys[*ret_which], l);
		if (error != -STORE_FOREIGN)
			break;
	}
	if (!error)
		note_seal(s, SPAN(l->seal, l->n), l->revision);
	return error;
}

static int
find_seal(struct sealed *s, const struct store_key *keys, size_t n, bool make, size_t *ret_which)
{
	struct looked l;
	int error = -EAGAIN;

	for (int i = 0; error == -EAGAIN && i < MADE_AT_ONCE; i++) {
		error = look_inside(s->inner, &l);
		if (error)
			return error;
		if (l.sealed)
			return open_seal(s, keys, n, &l, ret_which);
		if (l.others)
			return -STORE_UNSEALED;
		if (!make)
			return -STORE_EMPTIED;
		*ret_which = 0;
		error = make_seal(s, &keys[0]); /* -EAGAIN: another process was first */
	}
	return error;
}

int
store_sealed_again(struct store *store, const struct store_key *key)
{
	struct sealed *s = (struct sealed *)store;
	struct looked l;
	int error = are_keys(key, 1) ? look_inside(s->inner, &l) : -EINVAL;

	if (error)
		return error;
	if (!l.sealed || l.n != SEAL_SIZE_OF(l.seal[ID]) || memcmp(l.seal, s->id, ID) != 0)
		return -STORE_TORN;
	return put_seal(s, key, l.revision);
}

struct span
store_sealed_id(const struct store *store)
{
	return SPAN(((const struct sealed *)store)->id, ID);
}

bool
store_sealed_damaged(const struct store *store)
{
	return atomic_load(&((const struct sealed *)store)->damaged);
}

static void
describe_sealed(struct store *store, struct store_state *ret)
{
	struct store *inner = ((struct sealed *)store)->inner;

	inner->ops->describe(inner, ret);
}

/* --- birth and end ---------------------------------------------------------------------------- */

static void
close_sealed(struct store *store)
{
	struct sealed *s = (struct sealed *)store;

	store_close(s->inner);
	aead_free(s->key);
	secret_fini(&s->own);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static const struct store_ops sealed_ops = {
    .commit = commit_sealed,
    .read = read_sealed,
    .changes = changes_sealed,
    .listen = listen_behind,
    .lease_begin = begin_lease,
    .lease_keep = keep_lease,
    .lease_end = finish_lease,
    .describe = describe_sealed,
    .close = close_sealed,
};

static int
open_sealed(struct store *take_inner, const struct store_key *keys, size_t n, bool make,
            size_t *ret_which, struct store **ret)
{
	struct sealed *s = x_alloc(sizeof(*s));
	int error;

	s->store.ops = &sealed_ops;
	s->inner = take_inner;
	take_inner->room = ROOM;
	pthread_mutex_init(&s->lock, NULL);
	error = are_keys(keys, n) ? find_seal(s, keys, n, make, ret_which) : -EINVAL;
	if (error) {
		close_sealed(&s->store);
		return error;
	}
	*ret = &s->store;
	return 0;
}

int
store_sealed_open(struct store *take_inner, const struct store_key *keys, size_t n,
                  size_t *ret_which, struct store **ret)
{
	return open_sealed(take_inner, keys, n, true, ret_which, ret);
}

int
store_sealed_join(struct store *take_inner, const struct store_key *keys, size_t n,
                  size_t *ret_which, struct store **ret)
{
	return open_sealed(take_inner, keys, n, false, ret_which, ret);
}

int
store_sealed_new(struct store *take_inner, const struct secret *key, struct store **ret)
{
	const struct store_key only = {.octets = secret_span(key)};
	size_t which;

	return store_sealed_open(take_inner, &only, 1, &which, ret);
}
