/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
/* Stores: the same cases for each kind, and what only memory or a seal can do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>

#include "runtime/crypto/cipher.h"
#include "runtime/crypto/prf.h"
#include "runtime/crypto/random.h"
#include "tests/unit/store_kinds.h"

static struct etcd_server etcd;

/* --- every kind ------------------------------------------------------------------------------- */

static void
write_and_read(struct kind *k)
{
	struct store *s = k->s;
	uint64_t before = revision_of(s);

	assert_holds(s, "", "");
	assert_int_equal(put_text(s, "b/x", "1"), 0);
	assert_int_equal(put_text(s, "a", "2"), 0);
	assert_int_equal(put_text(s, "b/a", ""), 0);
	assert_int_equal(put_text(s, "bb", "3"), 0);
	assert_holds(s, "", "a=2 b/a= b/x=1 bb=3 ");
	assert_holds(s, "b/", "b/a= b/x=1 ");
	assert_holds(s, "b", "b/a= b/x=1 bb=3 ");
	assert_holds(s, "c", "");
	assert_int_equal(put_text(s, "b/x", "4"), 0);
	assert_int_equal(put_text(s, "a", NULL), 0);
	assert_int_equal(put_text(s, "never", NULL), 0);
	assert_holds(s, "", "b/a= b/x=4 bb=3 ");
	assert_int_equal(revision_of(s), before + 7);
}

static bool
keep_revision(void *arg, const struct store_record *r)
{
	*(uint64_t *)arg = r->revision;
	return false;
}

static bool
add_one(void *arg, const struct store_record *r)
{
	add_record(arg, r);
	return false;
}

static void
stop_early(struct kind *k)
{
	struct text t = TEXT_INIT;
	uint64_t since = revision_of(k->s);

	put_text(k->s, "a", "1");
	put_text(k->s, "b", "2");
	assert_int_equal(k->s->ops->read(k->s, "", add_one, &t, NULL), 0);
	assert_string_equal(text_string(&t), "a=1 ");
	text_clear(&t);
	assert_int_equal(k->s->ops->changes(k->s, "", since, 0, add_one, &t, NULL), 0);
	assert_string_equal(text_string(&t), "a=1 ");
	text_fini(&t);
}

static void
whole_or_not(struct kind *k)
{
	struct store *s = k->s;
	struct store_check c[] = {{.name = "a"}, {.name = "b"}};
	struct store_write w[] = {{.name = "a", .value = TEXT_SPAN("1")},
	                          {.name = "b", .value = TEXT_SPAN("2")},
	                          {.name = "a", .value = TEXT_SPAN("3")}};
	struct store_txn txn = {.n_checks = 2, .checks = c, .n_writes = 3, .writes = w};
	uint64_t revision = 0, of_a = 0;

	assert_int_equal(s->ops->commit(s, &txn, &revision), 0);
	assert_int_equal(s->ops->read(s, "a", keep_revision, &of_a, NULL), 0);
	assert_int_equal(of_a, revision);
	assert_holds(s, "", "a=3 b=2 ");
	assert_int_equal(s->ops->commit(s, &txn, &revision), -EAGAIN);
	c[0].revision = of_a;
	assert_int_equal(s->ops->commit(s, &txn, &revision), -EAGAIN);
	c[1].revision = of_a;
	w[1].value.p = NULL;
	w[1].value.n = 0;
	assert_int_equal(s->ops->commit(s, &txn, NULL), 0);
	assert_holds(s, "", "a=3 ");
	assert_int_equal(put_checked(s, "a", of_a, "x"), -EAGAIN);
	assert_int_equal(put_checked(s, "a", of_a + 1, "x"), 0);
	txn.n_writes = 0;
	c[0].revision = revision_of(s);
	c[1].revision = 0;
	assert_int_equal(s->ops->commit(s, &txn, &revision), 0);
	assert_int_equal(revision, revision_of(s));
	assert_int_equal(revision, c[0].revision);
}

static void
limits_hold(struct kind *k)
{
	static const char *const wrong[] = {"",    "/",   "/a",       "a/",  "a//b",
	                                    "a b", "a\n", "\xc3\xa9", "\x7f"};
	char name[STORE_NAME_MAX + 2];
	char *big = x_alloc(STORE_VALUE_MAX + 2);

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_int_equal(put_text(k->s, wrong[i], "1"), -EINVAL);
		assert_int_equal(put_checked(k->s, wrong[i], 0, "1"), -EINVAL);
	}
	memset(name, 'n', sizeof(name));
	name[STORE_NAME_MAX + 1] = '\0';
	assert_int_equal(put_text(k->s, name, "1"), -EINVAL);
	assert_int_equal(k->s->ops->read(k->s, name, add_record, NULL, NULL), -EINVAL);
	assert_int_equal(k->s->ops->changes(k->s, "\n", 0, 0, add_record, NULL, NULL), -EINVAL);
	name[STORE_NAME_MAX] = '\0';
	memset(big, 'v', STORE_VALUE_MAX + 1);
	assert_int_equal(put_text(k->s, name, big), -EMSGSIZE);
	big[STORE_VALUE_MAX] = '\0';
	assert_int_equal(put_text(k->s, name, big), 0);
	free(big);
	big = x_asprintf("%s=%.*s ", name, 0, "");
	assert_int_equal(put_text(k->s, name, ""), 0);
	assert_holds(k->s, name, big);
	free(big);
}

static bool
compare_value(void *arg, const struct store_record *r)
{
	const struct span *want = arg;

	assert_int_equal(r->value.n, want->n);
	assert_memory_equal(r->value.p, want->p, want->n);
	return true;
}

/* Any octets of any length come back, also after it was closed. */
static void
any_octets(struct kind *k)
{
	static const size_t lengths[] = {1, 2, 15, 16, 17, 255, 4096, 70000, STORE_VALUE_MAX};

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		uint8_t *octets = x_alloc(lengths[i]);
		struct span value = SPAN(octets, lengths[i]);
		struct store_write w = {.name = "v", .value = value};
		struct store_txn txn = {.n_writes = 1, .writes = &w};

		crypto_random(octets, lengths[i]);
		assert_int_equal(k->s->ops->commit(k->s, &txn, NULL), 0);
		store_close(k->s);
		assert_int_equal(kind_open(k, 1, &k->s), 0);
		assert_int_equal(k->s->ops->read(k->s, "v", compare_value, &value, NULL), 0);
		free(octets);
	}
}

static void
changes_told(struct kind *k)
{
	struct store *s = k->s;
	uint64_t since = revision_of(s), now = 0;
	struct text t = TEXT_INIT;

	assert_changed(s, "", since, 0, "");
	put_text(s, "a", "1");
	put_text(s, "b", "1");
	put_text(s, "a", "2");
	put_text(s, "c/x", "3");
	put_text(s, "b", NULL);
	put_text(s, "never", NULL);
	assert_changed(s, "", since, 0, "a=2 b- c/x=3 ");
	assert_changed(s, "c/", since, 1000000, "c/x=3 ");
	assert_changed(s, "", since + 4, 0, "b- ");
	assert_int_equal(s->ops->changes(s, "d", since, 1, add_record, &t, &now), 0);
	assert_int_equal(now, since + 6);
	put_text(s, "b", "again");
	assert_changed(s, "", since + 1, 0, "a=2 b=again c/x=3 ");
	assert_int_equal(s->ops->changes(s, "", since + 8, 0, add_record, &t, &now), -ESTALE);
	text_fini(&t);
}

/* etcd keeps its history as it is told to: changes_compacted. */
static void
old_changes(struct kind *k)
{
	struct store *s = k->s;
	uint64_t since = revision_of(s);
	struct text t = TEXT_INIT;
	char value[16];

	if (k->engine)
		return;
	for (int i = 0; i < 4096; i++) {
		snprintf(value, sizeof(value), "%d", i);
		put_text(s, i == 1 ? "b" : "a", value);
	}
	assert_changed(s, "", since, 0, "a=4095 b=1 ");
	put_text(s, "b", NULL);
	assert_int_equal(s->ops->changes(s, "", since, 0, add_record, &t, NULL), -ESTALE);
	assert_changed(s, "", since + 1, 0, "a=4095 b- ");
	for (int i = 0; i < 4200; i++)
		put_text(s, "a", "x");
	assert_int_equal(s->ops->changes(s, "", since + 200, 0, add_record, &t, NULL), -ESTALE);
	assert_changed(s, "", revision_of(s) - 4096, 0, "a=x ");
	text_fini(&t);
}

/* Whether it writes while the other one waits already, or a moment before, nothing is missed. */
static void *
write_later(void *arg)
{
	assert_int_equal(put_text(arg, "other", "x"), 0);
	usleep(30000);
	assert_int_equal(put_text(arg, "w", "1"), 0);
	return NULL;
}

/* Whoever waits is woken by another handle of the same store, and by its own prefix only. */
static void
changes_awaited(struct kind *k)
{
	uint64_t since = revision_of(k->s);
	struct store *other;
	pthread_t thread;

	assert_int_equal(kind_open(k, 1, &other), 0);
	assert_int_equal(pthread_create(&thread, NULL, write_later, other), 0);
	assert_changed(k->s, "w", since, 60000, "w=1 ");
	pthread_join(thread, NULL);
	store_close(other);
}

static void
leases_end(struct kind *k)
{
	struct store *s = k->s;
	uint64_t lease = 0, other = 0, third = 0, since;

	assert_int_equal(s->ops->lease_begin(s, 0, &lease), -EINVAL);
	assert_int_equal(s->ops->lease_begin(s, 3600000, &lease), 0);
	assert_int_equal(s->ops->lease_begin(s, 3600000, &other), 0);
	assert_int_not_equal(lease, other);
	assert_int_equal(put_under(s, "a", "1", lease), 0);
	assert_int_equal(put_under(s, "b", "2", lease), 0);
	assert_int_equal(put_under(s, "c", "3", other), 0);
	assert_int_equal(put_text(s, "b", "4"), 0); /* it stays now */
	assert_int_equal(s->ops->lease_keep(s, lease), 0);
	since = revision_of(s);
	assert_int_equal(s->ops->lease_end(s, lease), 0);
	assert_int_equal(revision_of(s), since + 1);
	assert_changed(s, "", since, 0, "a- ");
	assert_holds(s, "", "b=4 c=3 ");
	assert_int_equal(s->ops->lease_keep(s, lease), -ENOENT);
	assert_int_equal(s->ops->lease_end(s, lease), 0);
	assert_int_equal(put_under(s, "a", "1", lease), -ENOENT);
	assert_int_equal(put_under(s, "a", "1", 4711), -ENOENT);
	assert_int_equal(s->ops->lease_begin(s, 3600000, &third), 0);
	assert_true(third != other && third != lease);
}

static bool
keep_leased(void *arg, const struct store_record *r)
{
	((bool *)arg)[r->name[0] != 'a'] = r->leased;
	return true;
}

/* A record says whether it is under a lease. */
static void
leases_are_told(struct kind *k)
{
	struct store *s = k->s;
	bool read[2] = {false, true}, changed[2] = {false, true};
	uint64_t lease = 0, since = revision_of(s);

	assert_int_equal(s->ops->lease_begin(s, 3600000, &lease), 0);
	assert_int_equal(put_under(s, "a", "1", lease), 0);
	assert_int_equal(put_under(s, "b", "2", 0), 0);
	assert_int_equal(s->ops->read(s, "", keep_leased, read, NULL), 0);
	assert_int_equal(s->ops->changes(s, "", since, 0, keep_leased, changed, NULL), 0);
	assert_true(read[0] && !read[1] && changed[0] && !changed[1]);
}

/* Who follows the changes without ever waiting is told of a lease's end, too. */
static void
ended_lease_is_told(struct kind *k)
{
	struct store *s = k->s;
	struct text t = TEXT_INIT;
	uint64_t lease = 0, since;

	since = revision_of(s);
	assert_int_equal(s->ops->lease_begin(s, 3600000, &lease), 0);
	assert_int_equal(put_under(s, "a", "1", lease), 0);
	assert_int_equal(s->ops->changes(s, "", since, 0, add_record, &t, &since), 0);
	assert_string_equal(text_string(&t), "a=1 ");
	assert_changed(s, "", since, 0, "");
	assert_int_equal(s->ops->lease_end(s, lease), 0);
	assert_changed(s, "", since, 0, "a- ");
	assert_changed(s, "", since + 1, 0, "");
	text_fini(&t);
}

/* All records are taken away behind the seal's back, the seal too. */
static void
wipe_behind(struct kind *k)
{
	static const char *const names[] = {"a", "b", "c", "seal"};
	struct kind unsealed = *k;

	unsealed.sealed = false;
	assert_int_equal(kind_open(&unsealed, 1, &unsealed.s), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(put_text(unsealed.s, names[i], NULL), 0);
	assert_holds(unsealed.s, "", "");
	store_close(unsealed.s);
}

/* Who goes on writing puts the seal back, so that whoever starts then can read it. */
static void
wiped_under_two(struct kind *k)
{
	static const uint8_t octets[STORE_KEY] = {7};
	const struct store_key given = {.octets = SPAN(octets, STORE_KEY)};
	struct secret first = kind_key(1);
	struct store *other, *third;

	if (!k->sealed) {
		secret_fini(&first);
		return;
	}
	assert_int_equal(kind_open(k, 1, &other), 0);
	assert_int_equal(put_text(k->s, "a", "1"), 0);
	wipe_behind(k);
	assert_int_equal(put_checked(k->s, "b", 4711, "x"), -EAGAIN);
	assert_int_equal(put_text(k->s, "b", "2"), 0);
	assert_int_equal(kind_open(k, 1, &third), 0);
	assert_holds(third, "", "b=2 ");
	assert_int_equal(put_text(other, "a", "3"), 0); /* the seal is back already */
	assert_int_equal(put_text(third, "c", "4"), 0);
	assert_int_equal(put_checked(k->s, "c", 0, "x"), -EAGAIN);
	assert_holds(k->s, "", "a=3 b=2 c=4 ");
	wipe_behind(k);
	assert_int_equal(put_text(third, "a", "5"), 0);
	assert_int_equal(put_text(other, "b", "6"), 0);
	assert_holds(k->s, "", "a=5 b=6 ");
	/* Another key: it is that seal which is put back. */
	assert_int_equal(store_sealed_again(third, &given), 0);
	assert_int_equal(put_text(k->s, "a", "7"), 0);
	wipe_behind(k);
	assert_int_equal(put_text(k->s, "a", "8"), 0);
	store_close(third);
	assert_int_equal(kind_open(k, 1, &third), -STORE_FOREIGN);
	assert_int_equal(store_sealed_again(other, &(struct store_key){secret_span(&first), false}),
	                 0);
	secret_fini(&first);
	assert_int_equal(kind_open(k, 1, &third), 0);
	assert_holds(third, "", "a=8 ");
	store_close(third);
	store_close(other);
}

/* Who made another seal meanwhile has another store: nothing is written into it. */
static void
wiped_and_sealed_anew(struct kind *k)
{
	struct store *other;

	if (!k->sealed)
		return;
	assert_int_equal(put_text(k->s, "a", "1"), 0);
	wipe_behind(k);
	assert_int_equal(kind_open(k, 1, &other), 0);
	assert_int_equal(put_text(k->s, "b", "2"), -STORE_FOREIGN);
	assert_int_equal(put_checked(k->s, "b", 0, "2"), -STORE_FOREIGN);
	assert_holds(other, "", "");
	assert_int_equal(put_text(other, "c", "3"), 0);
	assert_int_equal(put_text(k->s, "c", NULL), -STORE_FOREIGN);
	assert_holds(other, "", "c=3 ");
	store_close(other);
}

/* Without asking anybody: what the last call told. */
static void
describes_itself(struct kind *k)
{
	struct store_state now;

	assert_int_equal(put_text(k->s, "a", "1"), 0);
	assert_int_equal(put_checked(k->s, "a", 4711, "x"), -EAGAIN); /* no fault of the store's */
	assert_holds(k->s, "a", "a=1 ");
	k->s->ops->describe(k->s, &now);
	assert_string_equal(now.error, "");
	assert_int_equal(now.revision, revision_of(k->s));
	assert_string_equal(now.engine, k->engine ? "etcd" : k->file ? "SQLite" : "memory");
	assert_string_equal(now.place, k->engine ? etcd.client : k->file ? k->path : "");
	assert_int_equal(now.octets > 0, k->file);
	assert_string_equal(now.prefix, k->engine ? k->path : "");
}

/* By the clock of the machine, and seen by who waits. */
static void
leases_expire(struct kind *k)
{
	struct store *s = k->s;
	uint64_t lease = 0, since;

	assert_int_equal(put_text(s, "stays", "1"), 0);
	do { /* on a busy machine it may end before it is used */
		since = revision_of(s);
		assert_int_equal(s->ops->lease_begin(s, 1000, &lease), 0);
	} while (put_under(s, "goes", "1", lease));
	since = since + 1;
	assert_changed(s, "goes", since, 60000, "goes- ");
	assert_holds(s, "", "stays=1 ");
	assert_int_equal(s->ops->lease_keep(s, lease), -ENOENT);
	assert_int_equal(put_checked(s, "goes", 0, "new"), 0);
}

static bool
count_records(void *arg, const struct store_record *r)
{
	(void)r;
	++*(unsigned *)arg;
	return true;
}

static void *
count_up(void *arg)
{
	struct store *s = arg;

	for (int i = 0; i < 50;) {
		struct text t = TEXT_INIT;
		uint64_t revision = 0;
		char value[24];
		int error;

		assert_int_equal(s->ops->read(s, "n", keep_revision, &revision, NULL), 0);
		assert_int_equal(s->ops->read(s, "n", add_record, &t, NULL), 0);
		snprintf(value, sizeof(value), "%ld",
		         strtol(strchr(text_string(&t), '=') + 1, NULL, 10) + 1);
		text_fini(&t);
		error = put_checked(s, "n", revision, value);
		assert_true(!error || error == -EAGAIN);
		i += !error;
	}
	return NULL;
}

/* Two handles, two threads on each: no increment is lost. */
static void
many_threads(struct kind *k)
{
	pthread_t threads[4];
	struct store *other;

	assert_int_equal(kind_open(k, 1, &other), 0);
	assert_int_equal(put_text(k->s, "n", "0"), 0);
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, count_up, i % 2 ? other : k->s);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_holds(other, "n", "n=200 ");
	store_close(other);
}

static void
every_kind(void **state)
{
	static void (*const cases[])(struct kind *) = {
	    write_and_read,  stop_early,          whole_or_not,    limits_hold,
	    any_octets,      changes_told,        old_changes,     leases_end,
	    leases_are_told, ended_lease_is_told, wiped_under_two, wiped_and_sealed_anew,
	    changes_awaited, leases_expire,       many_threads,    describes_itself,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct kind kinds[] = STORE_KINDS;

		for (size_t j = 0; j < ARRAY_SIZE(kinds); j++) {
			if (kinds[j].engine && !etcd.pid)
				continue;
			kinds[j].etcd = &etcd;
			kind_start(&kinds[j]);
			cases[i](&kinds[j]);
			kind_end(&kinds[j]);
		}
	}
}

static int
start_engine(void **state)
{
	(void)state;
	if (etcd_installed()) {
		etcd_start(&etcd);
		etcd_await(&etcd);
	} else {
		print_message("etcd is not installed: its store is not tried\n");
	}
	return 0;
}

static int
stop_engine(void **state)
{
	(void)state;
	if (etcd.pid)
		etcd_stop(&etcd);
	return 0;
}

/* --- memory ----------------------------------------------------------------------------------- */

static msec
given_time(void *arg)
{
	return *(msec *)arg;
}

static void
lab_clock(void **state)
{
	struct store *lab = store_memory_new(), *s = store_memory_door(lab);
	msec now = 1000;
	uint64_t lease;

	(void)state;
	store_memory_set_clock(lab, given_time, &now);
	assert_int_equal(s->ops->lease_begin(s, 500, &lease), 0);
	assert_int_equal(put_under(s, "a", "1", lease), 0);
	now = 1499;
	assert_int_equal(s->ops->lease_keep(s, lease), 0);
	store_close(s); /* the node is gone */
	s = store_memory_door(lab);
	now = 1998;
	assert_holds(s, "", "a=1 ");
	now = 1999;
	assert_holds(s, "", "");
	assert_int_equal(s->ops->lease_keep(s, lease), -ENOENT);
	store_close(s);
	store_close(lab);
}

static void
faults_met(void **state)
{
	struct store *s = store_memory_new();
	uint64_t lease;

	(void)state;
	store_memory_set_fault(s, STORE_FAULT_BEFORE, 2, -ENOSPC);
	assert_int_equal(put_text(s, "a", "1"), 0);
	assert_int_equal(put_text(s, "b", "1"), -ENOSPC);
	assert_int_equal(put_text(s, "c", "1"), 0);
	assert_holds(s, "", "a=1 c=1 ");
	store_memory_set_fault(s, STORE_FAULT_AFTER, 1, -EIO);
	assert_int_equal(put_text(s, "d", "1"), -EIO);
	assert_holds(s, "d", "d=1 ");
	assert_int_equal(s->ops->lease_begin(s, 1000000, &lease), 0);
	store_memory_set_fault(s, STORE_FAULT_FOR_GOOD, 2, -EROFS);
	assert_int_equal(s->ops->lease_keep(s, lease), 0);
	assert_int_equal(put_text(s, "e", "1"), 0);
	assert_int_equal(put_text(s, "f", "1"), -EROFS);
	assert_int_equal(put_text(s, "f", "1"), -EROFS);
	assert_int_equal(s->ops->lease_keep(s, lease), -EROFS);
	assert_int_equal(s->ops->lease_end(s, lease), -EROFS);
	assert_holds(s, "f", "");
	store_memory_set_fault(s, STORE_FAULT_NONE, 0, 0);
	assert_int_equal(put_text(s, "f", "1"), 0);
	store_close(s);
}

/* --- a seal ----------------------------------------------------------------------------------- */

static int
seal_door(struct store *lab, uint8_t first, struct store **ret)
{
	struct secret key = kind_key(first);
	int error = store_sealed_new(store_memory_door(lab), &key, ret);

	secret_fini(&key);
	return error;
}

struct held {
	const char *name;
	uint8_t octets[256];
	size_t n;
};

static bool
take_held(void *arg, const struct store_record *r)
{
	struct held *h = arg;

	if (strcmp(r->name, h->name) != 0)
		return true;
	assert_true(r->value.n <= sizeof(h->octets));
	memcpy(h->octets, r->value.p, r->value.n);
	h->n = r->value.n;
	return false;
}

static struct held
held_under(struct store *s, const char *name)
{
	struct held h = {.name = name};

	assert_int_equal(s->ops->read(s, name, take_held, &h, NULL), 0);
	return h;
}

static void
put_held(struct store *s, const char *name, const struct held *h)
{
	struct store_write w = {.name = name, .value = SPAN(h->octets, h->n)};
	struct store_txn txn = {.n_writes = 1, .writes = &w};

	s->room = 29;
	assert_int_equal(s->ops->commit(s, &txn, NULL), 0);
}

static int
read_all(struct store *s)
{
	unsigned n = 0;

	return s->ops->read(s, "", count_records, &n, NULL);
}

static void
nothing_seen(void **state)
{
	struct store *lab = store_memory_new(), *s;
	struct held one, two;

	(void)state;
	assert_int_equal(store_sealed_look(lab), 0);
	assert_int_equal(seal_door(lab, 1, &s), 0);
	assert_int_equal(store_sealed_look(lab), 1);
	assert_int_equal(put_text(s, "seal", "x"), -EINVAL);
	assert_int_equal(put_checked(s, "seal", 0, "x"), -EINVAL);
	assert_int_equal(put_text(s, "seal/x", "1"), 0);
	assert_holds(s, "", "seal/x=1 ");
	assert_int_equal(put_text(s, "seal/x", NULL), 0);
	assert_int_equal(put_text(s, "k", "attack at dawn"), 0);
	one = held_under(lab, "k");
	assert_int_equal(one.n, 14 + 29);
	assert_null(memmem(one.octets, one.n, "attack", 6));
	assert_int_equal(put_text(s, "k", "attack at dawn"), 0);
	two = held_under(lab, "k");
	assert_memory_not_equal(one.octets + 1, two.octets + 1, 12); /* another nonce */
	assert_memory_not_equal(one.octets + 13, two.octets + 13, 14);
	store_close(s);
	store_close(lab);
}

static void
other_key(void **state)
{
	struct store *lab = store_memory_new(), *s = NULL;
	struct secret key = {0};

	(void)state;
	assert_int_equal(seal_door(lab, 1, &s), 0);
	assert_int_equal(put_text(s, "k", "1"), 0);
	store_close(s);
	s = NULL;
	assert_int_equal(seal_door(lab, 2, &s), -STORE_FOREIGN);
	assert_null(s);
	secret_copy(&key, SPAN("short", 5));
	assert_int_equal(store_sealed_new(store_memory_door(lab), &key, &s), -EINVAL);
	secret_fini(&key);
	assert_int_equal(put_text(lab, "seal", "x"), 0);
	assert_int_equal(seal_door(lab, 1, &s), -STORE_TORN);
	assert_int_equal(put_text(lab, "seal", NULL), 0);
	assert_int_equal(seal_door(lab, 1, &s), -STORE_UNSEALED);
	store_close(lab);
}

static int
open_door(struct store *lab, const struct store_key *keys, size_t n, size_t *which,
          struct store **ret)
{
	return store_sealed_open(store_memory_door(lab), keys, n, which, ret);
}

/* The seal changes, the values do not; and what does not reach the disk changes nothing. */
static void
another_given_key(void **state)
{
	static const uint8_t octets[2][STORE_KEY] = {{1}, {2}};
	const struct store_key keys[] = {{.octets = SPAN(octets[0], STORE_KEY)},
	                                 {.octets = SPAN("SomeMasterKey", 13), .words = true},
	                                 {.octets = SPAN(octets[1], STORE_KEY)}};
	struct store *lab = store_memory_new(), *s = NULL;
	struct held before, seal;
	size_t which;

	(void)state;
	assert_int_equal(open_door(lab, keys, 3, &which, &s), 0);
	assert_int_equal(which, 0);
	assert_int_equal(put_text(s, "k", "1"), 0);
	before = held_under(lab, "k");
	seal = held_under(lab, "seal");
	store_memory_set_fault(lab, STORE_FAULT_BEFORE, 1, -ENOSPC);
	assert_int_equal(store_sealed_again(s, &keys[1]), -ENOSPC);
	assert_int_equal(store_sealed_again(s, &(struct store_key){.octets = SPAN("x", 1)}),
	                 -EINVAL);
	assert_memory_equal(held_under(lab, "seal").octets, seal.octets, seal.n);
	assert_int_equal(store_sealed_again(s, &keys[1]), 0);
	assert_holds(s, "", "k=1 ");
	assert_memory_equal(held_under(lab, "k").octets, before.octets, before.n);
	store_close(s);
	assert_int_equal(open_door(lab, keys, 1, &which, &s), -STORE_FOREIGN);
	assert_int_equal(open_door(lab, keys + 2, 1, &which, &s), -STORE_FOREIGN);
	assert_int_equal(open_door(lab, keys, 3, &which, &s), 0);
	assert_int_equal(which, 1);
	assert_holds(s, "", "k=1 ");
	assert_int_equal(store_sealed_again(s, &keys[2]), 0);
	assert_int_equal(store_sealed_again(s, &keys[0]), 0);
	store_close(s);
	assert_int_equal(open_door(lab, keys + 1, 2, &which, &s), -STORE_FOREIGN);
	assert_int_equal(open_door(lab, keys, 0, &which, &s), -EINVAL);
	assert_int_equal(open_door(lab, keys, 1, &which, &s), 0);
	assert_holds(s, "", "k=1 ");
	store_close(s);
	store_close(lab);
}

/* A seal as version 1 made it, of a store with this key; and of versions that are not there yet. */
static void
versions_of_seals(void **state)
{
	static const uint8_t id[STORE_ID] = {7}, given[STORE_KEY] = {1};
	static const char proof[] = "testudo store", info[] = "testudo store 1";
	uint8_t key[STORE_KEY + 4] = {0}, aad[STORE_ID + 4];
	const struct store_key keys[] = {{.octets = SPAN(given, STORE_KEY)}};
	struct store *lab = store_memory_new(), *s;
	struct held seal = {.n = STORE_ID + 13 + 29};
	struct aead *a;
	size_t which;

	(void)state;
	hkdf_derive(HASH_SHA256, keys[0].octets, SPAN(id, STORE_ID), SPAN(info, 15), key,
	            STORE_KEY);
	memcpy(aad, id, STORE_ID);
	memcpy(aad + STORE_ID, "seal", 4);
	memcpy(seal.octets, id, STORE_ID);
	seal.octets[STORE_ID] = 1;
	memcpy(seal.octets + STORE_ID + 13, proof, 13);
	a = aead_new(CIPHER_GCM_256, SPAN(key, sizeof(key)));
	assert_true(aead_seal_nonce(a, seal.octets + STORE_ID + 1, SPAN(aad, sizeof(aad)),
	                            seal.octets + STORE_ID + 13, 13, seal.octets + STORE_ID + 26));
	aead_free(a);
	put_held(lab, "seal", &seal);
	assert_int_equal(open_door(lab, keys, 1, &which, &s), 0);
	assert_int_equal(put_text(s, "k", "1"), 0);
	assert_int_equal(store_sealed_again(s, &keys[0]), 0);
	store_close(s);
	assert_int_equal(held_under(lab, "seal").octets[STORE_ID], 2);
	assert_int_equal(open_door(lab, keys, 1, &which, &s), 0);
	assert_holds(s, "", "k=1 ");
	store_close(s);
	seal = held_under(lab, "seal");
	seal.octets[STORE_ID] = 3;
	put_held(lab, "seal", &seal);
	assert_int_equal(open_door(lab, keys, 1, &which, &s), -STORE_NEWER);
	seal.octets[STORE_ID] = 0;
	put_held(lab, "seal", &seal);
	assert_int_equal(open_door(lab, keys, 1, &which, &s), -STORE_TORN);
	store_close(lab);
}

/* A record that got another name, store or octet, or was never sealed. */
static void
moved_records(void **state)
{
	struct store *lab = store_memory_new(), *other_lab = store_memory_new(), *s, *other;
	struct held h, seal;

	(void)state;
	assert_int_equal(seal_door(lab, 1, &s), 0);
	assert_int_equal(seal_door(other_lab, 1, &other), 0);
	assert_int_equal(put_text(s, "a", "1"), 0);
	h = held_under(lab, "a");
	put_held(other_lab, "a", &h);
	assert_int_equal(read_all(other), -STORE_TORN);
	put_held(lab, "b", &h);
	assert_int_equal(read_all(s), -STORE_TORN);
	assert_int_equal(put_text(lab, "b", NULL), 0);
	assert_int_equal(read_all(s), 0);
	for (size_t n = 0; n < h.n; n++) {
		struct held wrong = h;

		wrong.octets[n] ^= 1;
		put_held(lab, "a", &wrong);
		assert_int_equal(read_all(s), -STORE_TORN);
		wrong = h;
		wrong.n = n;
		put_held(lab, "a", &wrong);
		assert_int_equal(read_all(s), -STORE_TORN);
	}
	put_held(lab, "a", &h);
	assert_int_equal(read_all(s), 0);
	/* With the other's seal it is the other's store: nothing of its own opens. */
	seal = held_under(other_lab, "seal");
	put_held(lab, "seal", &seal);
	store_close(s);
	assert_int_equal(seal_door(lab, 1, &s), 0);
	assert_int_equal(read_all(s), -STORE_TORN);
	store_close(s);
	store_close(other);
	store_close(lab);
	store_close(other_lab);
}

static void
words_for_errors(void **state)
{
	static const int errors[] = {STORE_TORN,      STORE_NEWER,
	                             STORE_FOREIGN,   STORE_UNSEALED,
	                             STORE_TRUSTLESS, STORE_NAMELESS,
	                             STORE_UNTRUSTED, STORE_MISNAMED,
	                             STORE_OUTDATED,  STORE_REFUSED,
	                             EAGAIN,          EBUSY,
	                             ENOSPC,          EIO,
	                             EROFS,           ESTALE,
	                             EACCES,          ENOMEM,
	                             999999,          E2BIG,
	                             EHOSTUNREACH};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		const char *text = store_error_text(-errors[i]);

		assert_non_null(text);
		assert_true(*text && text[strlen(text) - 1] != '.');
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(text, store_error_text(-errors[j]));
	}
	store_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_kind),        cmocka_unit_test(lab_clock),
	    cmocka_unit_test(faults_met),        cmocka_unit_test(nothing_seen),
	    cmocka_unit_test(other_key),         cmocka_unit_test(another_given_key),
	    cmocka_unit_test(versions_of_seals), cmocka_unit_test(moved_records),
	    cmocka_unit_test(words_for_errors),
	};

	return cmocka_run_group_tests(tests, start_engine, stop_engine);
}
