/* SPDX-License-Identifier: Apache-2.0 */
/* What is shared, as it is configured, behind a seal: see run_shared.h. */
#include "cli/app/run_shared.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/app/run_store.h"
#include "runtime/crypto/cert.h"
#include "runtime/crypto/secret.h"
#include "runtime/crypto/sig.h"
#include "runtime/store/store_etcd.h"
#include "runtime/store/store_sealed.h"
#include "runtime/store/store_sqlite.h"

/* Where it is, how etcd is reached, and what its records are sealed with; all owned. */
struct place {
	char *file;         /* SQLite's, a name in flash; NULL: etcd */
	size_t n_endpoints; /* 0, and no file: nothing is wanted yet */
	char *endpoints[STORE_ETCD_ENDPOINTS_MAX];
	char *prefix, *user;
	char *ca, *certificate; /* PEM */
	bool trustless;         /* by https, or as it is named, and there is no CA */
	bool barred; /* what is configured by now names no store; the rest is of before */
	struct secret key, password;
	struct secret master; /* empty: there is none */
};

struct run_shared {
	struct store store;      /* first */
	char *flash;             /* the folder; NULL: there is none */
	pthread_mutex_t telling; /* of the three below: the loop never waits for a call */
	struct store_state told; /* what was last known of the store that is wanted */
	bool other;              /* than what is used now */
	struct place wanted;
	/* Calls hold it to read, since they may last; what they call is changed by who writes. */
	pthread_rwlock_t lock;
	pthread_mutex_t opening;  /* of the three below */
	struct store *opened;     /* NULL: not yet */
	const struct store *file; /* the file behind it; NULL: etcd */
	/*
	 * Another key has sealed it: this server is none of those who share it, as it is configured
	 * now, and does not seal what they have when somebody wipes it.
	 */
	bool foreign;
	struct place reach;
};

static struct run_shared *
run_shared_of(struct store *s)
{
	return (struct run_shared *)s;
}

static struct span
text_span(const char *text)
{
	return SPAN(text, text ? strlen(text) : 0);
}

static void
forget_reach(struct place *e)
{
	for (size_t i = 0; i < e->n_endpoints; i++)
		free(e->endpoints[i]);
	free(e->file);
	free(e->prefix);
	free(e->user);
	free(e->ca);
	free(e->certificate);
	secret_fini(&e->key);
	secret_fini(&e->password);
	secret_fini(&e->master);
	*e = (struct place){0};
}

static bool
same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Else something else may be there. */
static bool
same_place(const struct place *a, const struct place *b)
{
	if (a->n_endpoints != b->n_endpoints || !same_text(a->prefix, b->prefix) ||
	    !same_text(a->file, b->file))
		return false;
	for (size_t i = 0; i < a->n_endpoints; i++)
		if (strcmp(a->endpoints[i], b->endpoints[i]) != 0)
			return false;
	return true;
}

/* --- opening ---------------------------------------------------------------------------------- */

/* What the records are sealed with; 0 or -errno. */
static int
find_seal(const struct run_shared *r, struct secret *ret, bool *ret_words)
{
	int error = run_store_credential(ret);

	*ret_words = false;
	if (error != -ENOENT)
		return error;
	if (!r->reach.master.n)
		return -STORE_KEYLESS;
	secret_clone(ret, &r->reach.master);
	*ret_words = true;
	return 0;
}

static int
open_etcd(const struct run_shared *r, struct store **ret)
{
	const struct place *e = &r->reach;
	const char *endpoints[STORE_ETCD_ENDPOINTS_MAX];
	struct store_etcd_options o = {.n_endpoints = e->n_endpoints,
	                               .endpoints = endpoints,
	                               .prefix = e->prefix,
	                               .ca = text_span(e->ca),
	                               .certificate = text_span(e->certificate),
	                               .key = e->key.n ? &e->key : NULL,
	                               .user = e->user,
	                               .password = e->user ? &e->password : NULL};

	for (size_t i = 0; i < e->n_endpoints; i++)
		endpoints[i] = e->endpoints[i];
	return store_etcd_open(&o, ret);
}

/* flash: is made with its first file. */
static int
open_file(const struct run_shared *r, struct store **ret)
{
	char *path;
	int error;

	if (!r->flash)
		return -ENODEV;
	if (mkdir(r->flash, 0700) && errno != EEXIST)
		return -errno;
	path = x_asprintf("%s/%s", r->flash, r->reach.file);
	error = store_sqlite_share(path, ret);
	free(path);
	return error;
}

/* May anything be sent there? */
static int
check_reach(const struct place *e)
{
	if (e->barred)
		return -STORE_NAMELESS;
	if (!e->file && !e->n_endpoints)
		return -EHOSTUNREACH;
	/* Without a CA libcurl takes the system's, and whoever has a certificate of theirs the
	   password. */
	return e->trustless ? -STORE_TRUSTLESS : 0;
}

static int
open_sealed(struct run_shared *r)
{
	struct secret octets = {0};
	struct store_key key;
	struct store *inner = NULL;
	size_t which = 0;
	int error = check_reach(&r->reach);

	if (!error)
		error = find_seal(r, &octets, &key.words);
	key.octets = secret_span(&octets);
	if (!error)
		error = r->reach.file ? open_file(r, &inner) : open_etcd(r, &inner);
	if (!error)
		error = (r->foreign ? store_sealed_join : store_sealed_open)(inner, &key, 1, &which,
		                                                             &r->opened);
	r->foreign = error ? r->foreign || error == -STORE_FOREIGN : false;
	if (error)
		r->opened = NULL;
	r->file = r->opened && r->reach.file ? inner : NULL;
	secret_fini(&octets);
	return error;
}

static void
copy_reach(struct place *to, const struct place *from)
{
	to->file = from->file ? x_strdup(from->file) : NULL;
	to->n_endpoints = from->n_endpoints;
	for (size_t i = 0; i < from->n_endpoints; i++)
		to->endpoints[i] = x_strdup(from->endpoints[i]);
	to->prefix = from->prefix ? x_strdup(from->prefix) : NULL;
	to->user = from->user ? x_strdup(from->user) : NULL;
	to->trustless = from->trustless;
	to->barred = from->barred;
	to->ca = from->ca ? x_strdup(from->ca) : NULL;
	to->certificate = from->certificate ? x_strdup(from->certificate) : NULL;
	secret_clone(&to->key, &from->key);
	secret_clone(&to->password, &from->password);
	secret_clone(&to->master, &from->master);
}

/* But for what it is sealed with. */
static bool
same_reach(const struct place *a, const struct place *b)
{
	return same_place(a, b) && a->trustless == b->trustless && a->barred == b->barred &&
	       same_text(a->user, b->user) && same_text(a->ca, b->ca) &&
	       same_text(a->certificate, b->certificate) && secret_equal(&a->key, &b->key) &&
	       secret_equal(&a->password, &b->password);
}

/* Once the calls that use it are over, the store is another one. */
static void
take_wanted(struct run_shared *r)
{
	struct store *opened;
	bool other;

	pthread_mutex_lock(&r->telling);
	other = r->other;
	pthread_mutex_unlock(&r->telling);
	if (!other)
		return;
	pthread_rwlock_wrlock(&r->lock);
	pthread_mutex_lock(&r->telling);
	opened = r->opened;
	r->opened = NULL;
	r->file = NULL;
	r->foreign = r->foreign && same_reach(&r->reach, &r->wanted) &&
	             secret_equal(&r->reach.master, &r->wanted.master);
	forget_reach(&r->reach);
	copy_reach(&r->reach, &r->wanted);
	r->other = false;
	pthread_mutex_unlock(&r->telling);
	store_close(opened); /* which may take its time, and the loop does not wait for it */
	pthread_rwlock_unlock(&r->lock);
}

/* Of a store that is not open. */
static void
describe_place(const struct run_shared *r, const struct place *at, struct store_state *ret)
{
	*ret = (struct store_state){.engine = at->file ? "SQLite" : "etcd"};
	if (at->barred)
		return;
	if (at->file && r->flash)
		snprintf(ret->place, sizeof(ret->place), "%s/%s", r->flash, at->file);
	else if (at->n_endpoints)
		snprintf(ret->place, sizeof(ret->place), "%s", at->endpoints[0]);
	if (at->prefix)
		snprintf(ret->prefix, sizeof(ret->prefix), "%s", at->prefix);
}

/* The lock is held to read. What was told of another store than is wanted by now is passed over. */
static void
note_state(struct run_shared *r, struct store *opened, int error)
{
	struct store_state now;

	if (opened)
		opened->ops->describe(opened, &now);
	else
		describe_place(r, &r->reach, &now);
	if (error && error != -EAGAIN && error != -ENOENT && !now.error[0])
		snprintf(now.error, sizeof(now.error), "%s", store_error_text(error));
	pthread_mutex_lock(&r->telling);
	if (same_place(&r->reach, &r->wanted))
		r->told = now;
	pthread_mutex_unlock(&r->telling);
}

/* The next call opens it anew. */
static void
open_again(struct run_shared *r)
{
	pthread_mutex_lock(&r->telling);
	r->other = true;
	pthread_mutex_unlock(&r->telling);
}

/* Is the file that is open no longer the one that others find? The lock is held to read. */
static bool
has_moved(struct run_shared *r)
{
	bool moved;

	pthread_mutex_lock(&r->opening);
	moved = r->file && !store_sqlite_stands(r->file);
	pthread_mutex_unlock(&r->opening);
	return moved;
}

static void
look_at_file(struct run_shared *r)
{
	bool moved;

	pthread_rwlock_rdlock(&r->lock);
	moved = has_moved(r);
	pthread_rwlock_unlock(&r->lock);
	if (moved)
		open_again(r);
}

/* Takes the lock to read; the store, or NULL with *ret_error and without the lock. */
static struct store *
enter_store(struct run_shared *r, int *ret_error)
{
	struct store *opened;

	look_at_file(r);
	take_wanted(r);
	pthread_rwlock_rdlock(&r->lock);
	pthread_mutex_lock(&r->opening);
	*ret_error = r->opened ? 0 : open_sealed(r);
	opened = r->opened;
	pthread_mutex_unlock(&r->opening);
	if (*ret_error) {
		note_state(r, NULL, *ret_error);
		pthread_rwlock_unlock(&r->lock);
	}
	return *ret_error ? NULL : opened;
}

/*
 * Where the store was wiped and another server made its seal, or its file is another one or torn,
 * the next call opens it anew. That a record alone is torn is no reason: opening takes its time,
 * and lets the others wait. What went into a file that is gone is not kept.
 */
static int
leave_store(struct run_shared *r, struct store *opened, int error)
{
	bool anew;

	if (has_moved(r))
		error = -STORE_MOVED;
	note_state(r, opened, error);
	anew = error == -STORE_MOVED || error == -STORE_FOREIGN ||
	       (error == -STORE_TORN && store_sealed_damaged(opened));
	pthread_rwlock_unlock(&r->lock);
	if (anew)
		open_again(r);
	return error;
}

/* --- the operations --------------------------------------------------------------------------- */

static int
op_commit(struct store *s, const struct store_txn *txn, uint64_t *ret_revision)
{
	struct run_shared *r = run_shared_of(s);
	int error;
	struct store *o = enter_store(r, &error);

	return o ? leave_store(r, o, o->ops->commit(o, txn, ret_revision)) : error;
}

static int
op_read(struct store *s, const char *prefix, store_each *each, void *arg, uint64_t *ret_revision)
{
	struct run_shared *r = run_shared_of(s);
	int error;
	struct store *o = enter_store(r, &error);

	return o ? leave_store(r, o, o->ops->read(o, prefix, each, arg, ret_revision)) : error;
}

static int
op_changes(struct store *s, const char *prefix, uint64_t since, unsigned wait, store_each *each,
           void *arg, uint64_t *ret_revision)
{
	struct run_shared *r = run_shared_of(s);
	int error;
	struct store *o = enter_store(r, &error);

	return o ? leave_store(r, o,
	                       o->ops->changes(o, prefix, since, wait, each, arg, ret_revision))
	         : error;
}

/* Between two calls: what has to be opened first is not listened to. */
static int
op_listen(struct store *s, const char *prefix, const char *last, uint64_t since, unsigned wait,
          const atomic_bool *stop)
{
	struct run_shared *r = run_shared_of(s);
	struct store *o;
	int heard = 0;

	pthread_rwlock_rdlock(&r->lock);
	pthread_mutex_lock(&r->opening);
	o = r->opened;
	pthread_mutex_unlock(&r->opening);
	if (o && o->ops->listen)
		heard = o->ops->listen(o, prefix, last, since, wait, stop);
	pthread_rwlock_unlock(&r->lock);
	return heard;
}

static int
op_lease_begin(struct store *s, unsigned ttl, uint64_t *ret_lease)
{
	struct run_shared *r = run_shared_of(s);
	int error;
	struct store *o = enter_store(r, &error);

	return o ? leave_store(r, o, o->ops->lease_begin(o, ttl, ret_lease)) : error;
}

static int
op_lease_keep(struct store *s, uint64_t lease)
{
	struct run_shared *r = run_shared_of(s);
	int error;
	struct store *o = enter_store(r, &error);

	return o ? leave_store(r, o, o->ops->lease_keep(o, lease)) : error;
}

static int
op_lease_end(struct store *s, uint64_t lease)
{
	struct run_shared *r = run_shared_of(s);
	int error;
	struct store *o = enter_store(r, &error);

	return o ? leave_store(r, o, o->ops->lease_end(o, lease)) : error;
}

static void
op_describe(struct store *s, struct store_state *ret)
{
	struct run_shared *r = run_shared_of(s);

	pthread_mutex_lock(&r->telling);
	*ret = r->told;
	pthread_mutex_unlock(&r->telling);
}

static void
op_close(struct store *s)
{
	struct run_shared *r = run_shared_of(s);

	store_close(r->opened);
	free(r->flash);
	forget_reach(&r->reach);
	forget_reach(&r->wanted);
	pthread_mutex_destroy(&r->opening);
	pthread_mutex_destroy(&r->telling);
	pthread_rwlock_destroy(&r->lock);
	free(r);
}

static const struct store_ops ops = {
    .commit = op_commit,
    .read = op_read,
    .changes = op_changes,
    .listen = op_listen,
    .lease_begin = op_lease_begin,
    .lease_keep = op_lease_keep,
    .lease_end = op_lease_end,
    .describe = op_describe,
    .close = op_close,
};

/* --- what is wanted --------------------------------------------------------------------------- */

static const struct policy_trustpoint *
find_trustpoint(const struct policy *p, const char *name)
{
	for (size_t i = 0; name && i < p->n_trustpoints; i++)
		if (strcmp(p->trustpoints[i].name, name) == 0)
			return &p->trustpoints[i];
	return NULL;
}

/* Its CAs, its certificate and its key, as far as there are any. */
static void
take_trustpoint(struct place *e, const struct policy_trustpoint *t, const struct keystore *keys)
{
	const struct rsa_key *key = t->rsa_label ? keystore_find(keys, t->rsa_label) : NULL;

	e->ca = cert_text(t->cas, t->n_cas);
	if (!t->cert.n || !key)
		return;
	e->certificate = cert_text(&t->cert, 1);
	rsa_key_private_pem(key, &e->key);
}

static bool
wants_trust(const struct policy_etcd *p)
{
	for (size_t i = 0; i < p->n_endpoints; i++)
		if (!strncmp(p->endpoints[i], "https://", 8))
			return true;
	return p->trustpoint;
}

static void
take_etcd(struct place *e, const struct policy *wanted, const struct keystore *keys)
{
	const struct policy_etcd *p = &wanted->store.etcd;
	const struct policy_trustpoint *t = find_trustpoint(wanted, p->trustpoint);

	e->n_endpoints = p->n_endpoints;
	for (size_t i = 0; i < p->n_endpoints; i++)
		e->endpoints[i] = x_strdup(p->endpoints[i]);
	e->prefix = x_strdup(p->prefix);
	if (p->username)
		e->user = x_strdup(p->username);
	secret_copy(&e->password, p->password);
	if (t)
		take_trustpoint(e, t, keys);
	e->trustless = wants_trust(p) && !(e->ca && e->ca[0]);
}

/* Has a group other key servers, which know its keys? */
static bool
has_peers(const struct policy *p)
{
	for (size_t i = 0; i < p->n_groups; i++)
		if (p->groups[i].local && p->groups[i].server.coop.n_peers)
			return true;
	return false;
}

/*
 * A line that names no store, and none at all where there was one that peers share: neither makes
 * the server the only one. It is as if the store could not be reached.
 */
static bool
is_barred(const struct run_shared *r, const struct policy *wanted)
{
	bool was = r->wanted.barred || r->wanted.n_endpoints || r->wanted.file;

	return wanted->store.etcd.endpoints || (was && has_peers(wanted));
}

bool
run_shared_want(struct store *s, const struct policy *wanted, const struct keystore *keys,
                bool *ret_other)
{
	struct run_shared *r = run_shared_of(s);
	struct place e = {0};

	if (wanted->store.etcd.n_endpoints) {
		take_etcd(&e, wanted, keys);
	} else if (wanted->store.file && !wanted->store.etcd.endpoints) {
		e.file = x_strdup(wanted->store.file);
	} else if (is_barred(r, wanted)) {
		copy_reach(&e, &r->wanted);
		e.barred = true;
	} else {
		return false;
	}
	pthread_mutex_lock(&r->telling);
	secret_clone(&e.master, &r->wanted.master);
	*ret_other = (r->wanted.n_endpoints || r->wanted.file) && !same_place(&e, &r->wanted);
	if (!same_place(&e, &r->wanted))
		describe_place(r, &e, &r->told);
	r->other |= !same_reach(&e, &r->wanted);
	forget_reach(&r->wanted);
	r->wanted = e;
	pthread_mutex_unlock(&r->telling);
	return true;
}

void
run_shared_master(struct store *s, const char *master)
{
	struct run_shared *r = run_shared_of(s);

	pthread_mutex_lock(&r->telling);
	if (!span_equal_ct(secret_span(&r->wanted.master), text_span(master))) {
		secret_copy(&r->wanted.master, text_span(master));
		r->other = true;
	}
	pthread_mutex_unlock(&r->telling);
}

struct store *
run_shared_new(const char *flash)
{
	struct run_shared *r = x_alloc(sizeof(*r));

	r->store.ops = &ops;
	r->flash = flash ? x_strdup(flash) : NULL;
	pthread_rwlock_init(&r->lock, NULL);
	pthread_mutex_init(&r->opening, NULL);
	pthread_mutex_init(&r->telling, NULL);
	return &r->store;
}
