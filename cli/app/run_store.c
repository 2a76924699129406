/* SPDX-License-Identifier: Apache-2.0 */
/* A store that is opened when it is needed: see run_store.h. */
#define _GNU_SOURCE
#include "cli/app/run_store.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/files/host_file.h"
#include "runtime/crypto/random.h"
#include "runtime/crypto/secret.h"
#include "runtime/store/store_sealed.h"
#include "runtime/store/store_sqlite.h"

struct run_store {
	struct store store; /* first */
	pthread_mutex_t lock;
	struct store *opened; /* NULL: not yet */
	char *path, *key_path;
	bool required;
};

static struct run_store *
run_store_of(struct store *s)
{
	return (struct run_store *)s;
}

/* --- the key ---------------------------------------------------------------------------------- */

/* All of a file of STORE_KEY octets; 0 or -errno. */
static int
read_key(const char *path, struct secret *ret)
{
	uint8_t buf[STORE_KEY + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, buf, sizeof(buf));
	close(fd);
	if (n == STORE_KEY)
		secret_copy(ret, SPAN(buf, STORE_KEY));
	wipe(buf, sizeof(buf));
	return n == STORE_KEY ? 0 : -STORE_TORN;
}

/* It is on disk, whole, before a store is sealed with it. */
static int
make_key(const char *path, struct secret *ret)
{
	secret_init(ret, STORE_KEY);
	crypto_random(ret->p, ret->n);
	return host_file_put(path, secret_span(ret));
}

static int
find_key(const struct run_store *r, struct secret *ret)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char *credential = folder ? x_asprintf("%s/testudo-store-key", folder) : NULL;
	int error = credential ? read_key(credential, ret) : -ENOENT;

	free(credential);
	if (error != -ENOENT)
		return error;
	error = read_key(r->key_path, ret);
	return error == -ENOENT ? make_key(r->key_path, ret) : error;
}

/* --- opening ---------------------------------------------------------------------------------- */

static int
open_sealed(struct run_store *r)
{
	struct secret key = {0};
	struct store *inner;
	int error = find_key(r, &key);

	if (!error)
		error = store_sqlite_open(r->path, &inner);
	if (!error)
		error = store_sealed_new(inner, &key, &r->opened);
	if (error)
		r->opened = NULL;
	secret_fini(&key);
	return error;
}

/* The file and what SQLite has beside it. */
static void
put_aside(const char *path)
{
	static const char *const parts[] = {"", "-wal", "-shm"};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		char *from = x_asprintf("%s%s", path, parts[i]);
		char *to = x_asprintf("%s.unread%s", path, parts[i]);

		if (rename(from, to) && errno == ENOENT)
			unlink(to); /* of an earlier one */
		free(from);
		free(to);
	}
}

/* The store that is open; *ret_error: why there is none. The lock is held. */
static struct store *
open_store(struct run_store *r, int *ret_error)
{
	*ret_error = r->opened ? 0 : open_sealed(r);
	if (store_is_lost(*ret_error) && !r->required)
		put_aside(r->path);
	return r->opened;
}

/* A file that turns out to be damaged is closed, and put aside unless it is required. */
static int
note_result(struct run_store *r, int error)
{
	if (error == -STORE_TORN && !r->required) {
		store_close(r->opened);
		r->opened = NULL;
		put_aside(r->path);
	}
	return error;
}

/* --- the operations --------------------------------------------------------------------------- */

/* One at a time: none has a store that another one closes. */
static int
op_commit(struct store *s, const struct store_txn *txn, uint64_t *ret_revision)
{
	struct run_store *r = run_store_of(s);
	struct store *o;
	int error;

	pthread_mutex_lock(&r->lock);
	o = open_store(r, &error);
	if (o)
		error = note_result(r, o->ops->commit(o, txn, ret_revision));
	pthread_mutex_unlock(&r->lock);
	return error;
}

static int
op_read(struct store *s, const char *prefix, store_each *each, void *arg, uint64_t *ret_revision)
{
	struct run_store *r = run_store_of(s);
	struct store *o;
	int error;

	pthread_mutex_lock(&r->lock);
	o = open_store(r, &error);
	if (o)
		error = note_result(r, o->ops->read(o, prefix, each, arg, ret_revision));
	pthread_mutex_unlock(&r->lock);
	return error;
}

/* No key server of one machine watches, or leads. */
static int
op_changes(struct store *s, const char *prefix, uint64_t since, unsigned wait, store_each *each,
           void *arg, uint64_t *ret_revision)
{
	(void)s, (void)prefix, (void)since, (void)wait, (void)each, (void)arg, (void)ret_revision;
	return -ENOTSUP;
}

static int
op_lease_begin(struct store *s, unsigned ttl, uint64_t *ret_lease)
{
	(void)s, (void)ttl, (void)ret_lease;
	return -ENOTSUP;
}

static int
op_lease(struct store *s, uint64_t lease)
{
	(void)s, (void)lease;
	return -ENOTSUP;
}

static void
op_close(struct store *s)
{
	struct run_store *r = run_store_of(s);

	store_close(r->opened);
	pthread_mutex_destroy(&r->lock);
	free(r->path);
	free(r->key_path);
	free(r);
}

static const struct store_ops ops = {
    .commit = op_commit,
    .read = op_read,
    .changes = op_changes,
    .lease_begin = op_lease_begin,
    .lease_keep = op_lease,
    .lease_end = op_lease,
    .close = op_close,
};

struct store *
run_store_new(const char *config)
{
	struct run_store *r = x_alloc(sizeof(*r));

	r->store.ops = &ops;
	pthread_mutex_init(&r->lock, NULL);
	r->path = x_asprintf("%s.store", config);
	r->key_path = x_asprintf("%s.store.key", config);
	return &r->store;
}

void
run_store_require(struct store *s, bool required)
{
	struct run_store *r = run_store_of(s);

	pthread_mutex_lock(&r->lock);
	r->required = required;
	pthread_mutex_unlock(&r->lock);
}
