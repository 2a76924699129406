/* SPDX-License-Identifier: Apache-2.0 */
/* A store that is opened when it is needed: see run_store.h. */
#define _GNU_SOURCE
#include "cli/app/run_store.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/files/host_file.h"
#include "runtime/crypto/random.h"
#include "runtime/crypto/secret.h"
#include "runtime/store/store_sealed.h"
#include "runtime/store/store_sqlite.h"

/* A store that is open has been there at least so far: the mark beside it says so (run_store.h). */
#define MARK_EVERY 64 /* revisions */

/* What it can be sealed with; the first that there is counts. */
enum key_kind { KEY_CREDENTIAL, KEY_MASTER, KEY_FILE, KEY_KINDS };

struct run_store {
	struct store store; /* first */
	pthread_mutex_t telling;
	struct store_state state; /* what was last known; its lock is never held for long */
	pthread_mutex_t lock;     /* of all below */
	struct store *opened;     /* NULL: not yet */
	enum key_kind sealed;     /* that one */
	uint64_t marked;          /* revision */
	char *path, *key_path, *mark_path;
	bool required;
	bool told;            /* what the master key is; before, nothing is opened */
	struct secret master; /* empty: there is none */
};

static struct run_store *
run_store_of(struct store *s)
{
	return (struct run_store *)s;
}

/* --- keys ------------------------------------------------------------------------------------- */

struct found {
	size_t n;
	enum key_kind kinds[KEY_KINDS];
	struct store_key keys[KEY_KINDS];
	struct secret octets[KEY_KINDS]; /* of kinds[i] */
};

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
	return n == STORE_KEY ? 0 : -STORE_MISKEYED;
}

/* It is on disk, whole, before a store is sealed with it. Who comes second takes the first's. */
static int
make_key(const char *path, struct secret *ret)
{
	int error;

	secret_init(ret, STORE_KEY);
	crypto_random(ret->p, ret->n);
	error = host_file_create(path, secret_span(ret));
	if (error) {
		secret_fini(ret);
		error = error == -EEXIST ? read_key(path, ret) : error;
	}
	return error;
}

static void
add_key(struct found *f, enum key_kind kind, struct secret *take_octets)
{
	secret_move(&f->octets[f->n], take_octets);
	f->kinds[f->n] = kind;
	f->keys[f->n] = (struct store_key){.octets = secret_span(&f->octets[f->n]),
	                                   .words = kind == KEY_MASTER};
	f->n++;
}

int
run_store_credential(struct secret *ret)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char *path = folder ? x_asprintf("%s/testudo-store-key", folder) : NULL;
	int error = path ? read_key(path, ret) : -ENOENT;

	free(path);
	return error == -STORE_MISKEYED ? -STORE_CREDENTIAL : error;
}

static int
add_credential(struct found *f)
{
	struct secret octets = {0};
	int error = run_store_credential(&octets);

	if (!error)
		add_key(f, KEY_CREDENTIAL, &octets);
	return error == -ENOENT ? 0 : error;
}

/* make: there is no other, so it may be made. */
static int
add_file(const struct run_store *r, struct found *f, bool make)
{
	struct secret octets = {0};
	int error = read_key(r->key_path, &octets);

	if (error == -ENOENT && make)
		error = make_key(r->key_path, &octets);
	if (!error)
		add_key(f, KEY_FILE, &octets);
	return error;
}

static void
forget_found(struct found *f)
{
	for (size_t i = 0; i < f->n; i++)
		secret_fini(&f->octets[i]);
}

/* All that there are; fresh: there is no store yet. After an error there is none. */
static int
find_keys(const struct run_store *r, bool fresh, struct found *f)
{
	struct secret master = {0};
	int error = add_credential(f);

	if (error)
		return error;
	if (r->master.n) {
		secret_clone(&master, &r->master);
		add_key(f, KEY_MASTER, &master);
	}
	error = add_file(r, f, fresh && !f->n);
	if (f->n)
		return 0; /* what is wrong with the last one does not matter */
	return error == -ENOENT ? -STORE_KEYLESS : error;
}

/* Seals it with the first of them; what is not done now is done at the next start. */
static void
seal_first(struct run_store *r, const struct found *f)
{
	if (r->sealed != f->kinds[0] && !store_sealed_again(r->opened, &f->keys[0]))
		r->sealed = f->kinds[0];
	if (r->sealed != KEY_FILE)
		unlink(r->key_path);
}

/* --- the mark --------------------------------------------------------------------------------- */

struct mark {
	uint8_t id[STORE_ID]; /* of the store */
	uint64_t revision;    /* as this machine has numbers */
};

static void
put_mark(struct run_store *r, uint64_t revision)
{
	struct mark m = {.revision = revision};

	memcpy(m.id, store_sealed_id(r->opened).p, STORE_ID);
	if (!host_file_put(r->mark_path, SPAN(&m, sizeof(m))))
		r->marked = revision;
}

static bool
read_mark(const struct run_store *r, struct mark *ret)
{
	int fd = open(r->mark_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, sizeof(*ret));

	if (fd >= 0)
		close(fd);
	return n == sizeof(*ret);
}

static bool
skip_record(void *arg, const struct store_record *record)
{
	(void)arg, (void)record;
	return false;
}

static int
find_revision(struct run_store *r, uint64_t *ret)
{
	return r->opened->ops->read(r->opened, "mark/", skip_record, NULL, ret);
}

/* Is it as far as it was once? The mark is read first: other processes put both forward. */
static int
check_mark(struct run_store *r)
{
	struct mark m;
	const bool marked = read_mark(r, &m);
	uint64_t revision;
	int error = find_revision(r, &revision);

	if (error)
		return error;
	if (marked &&
	    (memcmp(m.id, store_sealed_id(r->opened).p, STORE_ID) != 0 || m.revision > revision))
		return -STORE_BACK;
	put_mark(r, revision);
	return 0;
}

/* Now and then, so that no transaction has to wait for it. */
static void
note_revision(struct run_store *r, uint64_t revision)
{
	if (revision >= r->marked + MARK_EVERY)
		put_mark(r, revision);
}

/* --- opening ---------------------------------------------------------------------------------- */

static void
close_opened(struct run_store *r)
{
	store_close(r->opened);
	r->opened = NULL;
}

static int
open_with(struct run_store *r, const struct found *f)
{
	struct store *inner;
	size_t which = 0;
	int error = store_sqlite_open(r->path, &inner);

	if (!error)
		error = store_sealed_open(inner, f->keys, f->n, &which, &r->opened);
	if (error) {
		r->opened = NULL;
		return error;
	}
	r->sealed = f->kinds[which];
	error = check_mark(r);
	if (error)
		close_opened(r);
	else
		seal_first(r, f);
	return error;
}

static int
open_sealed(struct run_store *r)
{
	const bool fresh = access(r->path, F_OK) && errno == ENOENT;
	struct found f = {0};
	int error = r->told ? find_keys(r, fresh, &f) : -STORE_LOCKED;

	if (!error && fresh)
		unlink(r->mark_path); /* of one that is gone */
	if (!error)
		error = open_with(r, &f);
	forget_found(&f);
	return error;
}

/* The file and what SQLite has beside it. */
static void
put_aside(struct run_store *r)
{
	static const char *const suffixes[] = {"-wal", "-shm", NULL};

	if (!host_file_put_aside(r->path, suffixes))
		unlink(r->mark_path);
}

/* The store without a key that opens it; what is in the place of the key goes, too. */
static void
put_lost_aside(struct run_store *r, int error)
{
	put_aside(r);
	if (error == -STORE_MISKEYED)
		host_file_put_aside(r->key_path, NULL);
}

/* The store that is open; *ret_error: why there is none. The lock is held. */
static struct store *
open_store(struct run_store *r, int *ret_error)
{
	*ret_error = r->opened ? 0 : open_sealed(r);
	if (store_is_lost(*ret_error) && !r->required)
		put_lost_aside(r, *ret_error);
	return r->opened;
}

/* The lock is held. */
static void
note_state(struct run_store *r, int error)
{
	struct store_state now = {.engine = "SQLite"};

	if (r->opened)
		r->opened->ops->describe(r->opened, &now);
	else
		snprintf(now.place, sizeof(now.place), "%s", r->path);
	if (!r->opened && error)
		snprintf(now.error, sizeof(now.error), "%s", store_error_text(error));
	pthread_mutex_lock(&r->telling);
	r->state = now;
	pthread_mutex_unlock(&r->telling);
}

/* A file that turns out to be damaged is closed, and put aside unless it is required. */
static int
note_result(struct run_store *r, int error)
{
	if (error == -STORE_TORN && !r->required) {
		close_opened(r);
		put_aside(r);
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
	uint64_t revision;
	int error;

	pthread_mutex_lock(&r->lock);
	o = open_store(r, &error);
	if (o)
		error = note_result(r, o->ops->commit(o, txn, &revision));
	if (o && !error) {
		note_revision(r, revision);
		if (ret_revision)
			*ret_revision = revision;
	}
	note_state(r, error);
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
	note_state(r, error);
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
op_describe(struct store *s, struct store_state *ret)
{
	struct run_store *r = run_store_of(s);

	pthread_mutex_lock(&r->telling);
	*ret = r->state;
	pthread_mutex_unlock(&r->telling);
}

static void
op_close(struct store *s)
{
	struct run_store *r = run_store_of(s);
	uint64_t revision;

	if (r->opened && !find_revision(r, &revision))
		put_mark(r, revision);
	store_close(r->opened);
	pthread_mutex_destroy(&r->lock);
	pthread_mutex_destroy(&r->telling);
	secret_fini(&r->master);
	free(r->path);
	free(r->key_path);
	free(r->mark_path);
	free(r);
}

static const struct store_ops ops = {
    .commit = op_commit,
    .read = op_read,
    .changes = op_changes,
    .lease_begin = op_lease_begin,
    .lease_keep = op_lease,
    .lease_end = op_lease,
    .describe = op_describe,
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
	r->mark_path = x_asprintf("%s.store.mark", config);
	pthread_mutex_init(&r->telling, NULL);
	note_state(r, 0);
	return &r->store;
}

/* First the file: what stands beside none is nobody's, and goes when a store is made again. */
int
run_store_forget(struct store *s)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", ".mark", ".key", NULL};
	struct run_store *r = run_store_of(s);
	int error = 0;

	pthread_mutex_lock(&r->lock);
	for (size_t i = 0; suffixes[i] && !error && !r->opened; i++) {
		char *path = x_asprintf("%s%s", r->path, suffixes[i]);

		error = unlink(path) && errno != ENOENT ? -errno : 0;
		free(path);
	}
	pthread_mutex_unlock(&r->lock);
	return error;
}

void
run_store_require(struct store *s, bool required)
{
	struct run_store *r = run_store_of(s);

	pthread_mutex_lock(&r->lock);
	r->required = required;
	pthread_mutex_unlock(&r->lock);
}

static struct span
words_of(const char *master)
{
	return SPAN(master, master ? strlen(master) : 0);
}

/*
 * Under the key in the file, which is then beside it: whichever master key is on disk after a
 * crash, the store can be read. The lock is held.
 */
static int
seal_by_file(struct run_store *r)
{
	struct found f = {0};
	int error = add_file(r, &f, true);

	if (!error)
		error = store_sealed_again(r->opened, &f.keys[0]);
	if (!error)
		r->sealed = KEY_FILE;
	forget_found(&f);
	return error;
}

int
run_store_master_changes(struct store *s, const char *master)
{
	struct run_store *r = run_store_of(s);
	int error = 0;

	pthread_mutex_lock(&r->lock);
	if (r->told && !span_equal_ct(secret_span(&r->master), words_of(master)) &&
	    (r->opened || !access(r->path, F_OK))) {
		open_store(r, &error);
		if (!error && r->sealed == KEY_MASTER)
			error = seal_by_file(r);
		if (store_is_lost(error))
			error = 0; /* with any key */
	}
	pthread_mutex_unlock(&r->lock);
	return error;
}

void
run_store_master(struct store *s, const char *master)
{
	struct run_store *r = run_store_of(s);
	struct found f = {0};

	pthread_mutex_lock(&r->lock);
	r->told = true;
	secret_copy(&r->master, words_of(master));
	if (r->opened && !find_keys(r, false, &f))
		seal_first(r, &f);
	forget_found(&f);
	pthread_mutex_unlock(&r->lock);
}
