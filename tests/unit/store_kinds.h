/* SPDX-License-Identifier: Apache-2.0 */
/* A store of every kind, and short words for what tests do with it. After cmocka.h. */
#ifndef TESTUDO_STORE_KINDS_H
#define TESTUDO_STORE_KINDS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/base/text.h"
#include "runtime/crypto/secret.h"
#include "runtime/store/store_memory.h"
#include "runtime/store/store_sealed.h"
#include "runtime/store/store_sqlite.h"
#include "tests/unit/etcd_server.h"

struct kind {
	const char *name;
	bool file, sealed, engine;
	bool shared; /* with other routers, as `crypto gdoi store sqlite flash:s` does */
	/* While it is set up: */
	char folder[64], path[96];
	struct store *memory; /* the lab's end */
	const struct etcd_server *etcd;
	struct store *s;
};

#define STORE_KINDS                                                                                \
	{                                                                                          \
		{.name = "memory"}, {.name = "file", .file = true},                                \
		    {.name = "sealed memory", .sealed = true},                                     \
		    {.name = "sealed file", .file = true, .sealed = true},                         \
		    {.name = "shared file", .file = true, .sealed = true, .shared = true},         \
		    {.name = "etcd", .engine = true},                                              \
		    {.name = "sealed etcd", .engine = true, .sealed = true},                       \
	}

static inline struct secret
kind_key(uint8_t first)
{
	struct secret key;

	secret_init(&key, STORE_KEY);
	for (size_t i = 0; i < key.n; i++)
		key.p[i] = (uint8_t)(first + i);
	return key;
}

/* Opens what kind_start made, once more if need be; the caller closes it. */
static inline int
kind_open(struct kind *k, uint8_t key, struct store **ret)
{
	struct secret secret = kind_key(key);
	int error = 0;

	if (k->engine)
		error = etcd_door(k->etcd, k->path, ret);
	else if (k->file)
		error =
		    k->shared ? store_sqlite_share(k->path, ret) : store_sqlite_open(k->path, ret);
	else
		*ret = store_memory_door(k->memory);
	if (!error && k->sealed)
		error = store_sealed_new(*ret, &secret, ret);
	secret_fini(&secret);
	return error;
}

/* A folder that is gone with the machine, since a test needs no disk. */
static inline void
kind_start(struct kind *k)
{
	snprintf(k->folder, sizeof(k->folder), "%s/testudo-store.XXXXXX",
	         access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(k->folder));
	snprintf(k->path, sizeof(k->path), "%s/s", k->folder);
	k->memory = store_memory_new();
	assert_int_equal(kind_open(k, 1, &k->s), 0);
}

static inline void
kind_remove(const struct kind *k, const char *suffix)
{
	char path[112];

	snprintf(path, sizeof(path), "%s%s", k->path, suffix);
	unlink(path);
}

static inline void
kind_end(struct kind *k)
{
	store_close(k->s);
	store_close(k->memory);
	kind_remove(k, "");
	kind_remove(k, "-wal");
	kind_remove(k, "-shm");
	assert_int_equal(rmdir(k->folder), 0);
}

#define TEXT_SPAN(text) SPAN(text, strlen(text))

/* value NULL: removed. */
static inline int
put_under(struct store *s, const char *name, const char *value, uint64_t lease)
{
	struct store_write w = {.name = name, .lease = lease};
	struct store_txn txn = {.n_writes = 1, .writes = &w};

	if (value)
		w.value = TEXT_SPAN(value);
	return s->ops->commit(s, &txn, NULL);
}

static inline int
put_text(struct store *s, const char *name, const char *value)
{
	return put_under(s, name, value, 0);
}

/* Only when the record has this revision. */
static inline int
put_checked(struct store *s, const char *name, uint64_t revision, const char *value)
{
	struct store_check c = {.name = name, .revision = revision};
	struct store_write w = {.name = name, .value = TEXT_SPAN(value)};
	struct store_txn txn = {.n_checks = 1, .checks = &c, .n_writes = 1, .writes = &w};

	return s->ops->commit(s, &txn, NULL);
}

/* "a=1 b- " */
static inline bool
add_record(void *arg, const struct store_record *r)
{
	if (r->value.p)
		text_printf(arg, "%s=%.*s ", r->name, (int)r->value.n, (const char *)r->value.p);
	else
		text_printf(arg, "%s- ", r->name);
	return true;
}

static inline uint64_t
revision_of(struct store *s)
{
	struct text t = TEXT_INIT;
	uint64_t revision = 0;

	assert_int_equal(s->ops->read(s, "", add_record, &t, &revision), 0);
	text_fini(&t);
	return revision;
}

static inline void
assert_holds(struct store *s, const char *prefix, const char *want)
{
	struct text t = TEXT_INIT;

	assert_int_equal(s->ops->read(s, prefix, add_record, &t, NULL), 0);
	assert_string_equal(text_string(&t), want);
	text_fini(&t);
}

static inline void
assert_changed(struct store *s, const char *prefix, uint64_t since, unsigned wait, const char *want)
{
	struct text t = TEXT_INIT;

	assert_int_equal(s->ops->changes(s, prefix, since, wait, add_record, &t, NULL), 0);
	assert_string_equal(text_string(&t), want);
	text_fini(&t);
}

#endif
