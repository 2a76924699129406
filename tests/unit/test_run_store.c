/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store of `testudo run` (cli/app/run_store.h): which key it is sealed with, that no change of
 * keys loses it wherever the process dies, and that an older copy of it is noticed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/app/run_shared.h"
#include "cli/app/run_store.h"
#include "cli/files/host_file.h"
#include "runtime/store/store_sqlite.h"

#define K1 "TheFirstMasterKey"
#define K2 "another one"

static char folder[64];

static char *
path_of(const char *suffix)
{
	static char paths[4][128];
	static unsigned next;
	char *path = paths[next++ % ARRAY_SIZE(paths)];

	snprintf(path, sizeof(paths[0]), "%s/r.cfg.store%s", folder, suffix);
	return path;
}

static bool
is_there(const char *suffix)
{
	return access(path_of(suffix), F_OK) == 0;
}

static int
fresh_folder(void **state)
{
	const bool quick = access("/dev/shm", W_OK) == 0; /* no disk to wait for */

	(void)state;
	strcpy(folder, quick ? "/dev/shm/test_run_storeXXXXXX" : "/tmp/test_run_storeXXXXXX");
	unsetenv("CREDENTIALS_DIRECTORY");
	return mkdtemp(folder) ? 0 : -1;
}

static int
remove_folder(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command) ? -1 : 0;
}

/* A process's store, whose keys on disk say so of the master key. */
static struct store *
store_of(const char *master)
{
	char *config = x_asprintf("%s/r.cfg", folder);
	struct store *s = run_store_new(config);

	free(config);
	run_store_require(s, true);
	run_store_master(s, master);
	return s;
}

static int
put_value(struct store *s, const char *value)
{
	const struct store_write w = {.name = "k", .value = SPAN(value, strlen(value))};

	return s->ops->commit(s, &(struct store_txn){.n_writes = 1, .writes = &w}, NULL);
}

static bool
take_value(void *arg, const struct store_record *r)
{
	snprintf(arg, 16, "%.*s", (int)r->value.n, (const char *)r->value.p);
	return true;
}

static int
read_value(struct store *s, char ret[static 16])
{
	ret[0] = '\0';
	return s->ops->read(s, "", take_value, ret, NULL);
}

/* The next process, with this master key, finds it as it was left. */
static void
assert_found(const char *master)
{
	struct store *s = store_of(master);
	char value[16];

	assert_int_equal(read_value(s, value), 0);
	assert_string_equal(value, "kept");
	store_close(s);
}

static void
assert_refused(const char *master, int error)
{
	struct store *s = store_of(master);
	char value[16];

	assert_int_equal(read_value(s, value), error);
	assert_true(is_there(""));
	store_close(s);
}

static void
make_store(const char *master)
{
	struct store *s = store_of(master);

	assert_int_equal(put_value(s, "kept"), 0);
	store_close(s);
}

static void
without_a_master_key(void **state)
{
	struct stat st;

	(void)state;
	make_store(NULL);
	assert_int_equal(stat(path_of(".key"), &st), 0);
	assert_int_equal(st.st_size, 32);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_found(NULL);
	unlink(path_of(".key"));
	assert_refused(NULL, -STORE_KEYLESS);
	assert_false(is_there(".key"));
}

static void
with_a_master_key(void **state)
{
	struct store *s;
	char value[16];

	(void)state;
	make_store(K1);
	assert_false(is_there(".key"));
	assert_found(K1);
	assert_refused(K2, -STORE_FOREIGN);
	assert_refused(NULL, -STORE_KEYLESS);
	assert_found(K1);
	s = store_of(NULL); /* where it is not required, the next one is begun */
	run_store_require(s, false);
	assert_int_equal(read_value(s, value), -STORE_KEYLESS);
	assert_true(is_there(".unread"));
	assert_int_equal(read_value(s, value), 0);
	assert_string_equal(value, "");
	store_close(s);
}

/* Until it is said what the master key is, nothing is opened and nothing is lost. */
/* A key of another size opens nothing: it is put aside with its store, and others are made. */
static void
a_key_of_another_size(void **state)
{
	char value[16];
	struct store *s;

	(void)state;
	make_store(NULL);
	assert_int_equal(truncate(path_of(".key"), 31), 0);
	assert_refused(NULL, -STORE_MISKEYED);
	assert_true(is_there(".key"));
	s = store_of(NULL);
	run_store_require(s, false);
	assert_int_equal(read_value(s, value), -STORE_MISKEYED);
	assert_true(is_there(".unread") && is_there(".key.unread") && !is_there(""));
	assert_int_equal(put_value(s, "kept"), 0);
	store_close(s);
	assert_found(NULL);
}

/* `crypto gdoi store none`: nothing of before comes back when the store is there again. */
static void
none_keeps_nothing(void **state)
{
	char value[16];
	struct store *s;

	(void)state;
	make_store(NULL);
	s = store_of(NULL);
	assert_int_equal(run_store_forget(s), 0);
	assert_int_equal(run_store_forget(s), 0);
	store_close(s);
	assert_false(is_there("") || is_there("-wal") || is_there(".key") || is_there(".mark"));
	s = store_of(NULL);
	assert_int_equal(read_value(s, value), 0);
	assert_string_equal(value, "");
	store_close(s);
}

static void
before_the_keys_are_read(void **state)
{
	char *config = x_asprintf("%s/r.cfg", folder);
	struct store *s;
	char value[16];

	(void)state;
	make_store(K1);
	s = run_store_new(config);
	assert_int_equal(read_value(s, value), -STORE_LOCKED);
	assert_int_equal(run_store_master_changes(s, K2), 0);
	assert_int_equal(put_value(s, "other"), -STORE_LOCKED);
	assert_false(store_is_lost(-STORE_LOCKED) || is_there(".unread"));
	run_store_master(s, K1);
	assert_int_equal(read_value(s, value), 0);
	assert_string_equal(value, "kept");
	store_close(s);
	free(config);
}

/* From each key to each, with the end of the process at each step, opened before or not. */
static void
another_master_key(void **state)
{
	static const char *const masters[] = {NULL, K1, K2};

	(void)state;
	for (unsigned i = 0; i < 3 * 3 * 4 * 2; i++) {
		const char *was = masters[i % 3], *is = masters[i / 3 % 3];
		unsigned step = i / 9 % 4;
		struct store *s;
		char value[16];

		if (was == is)
			continue;
		make_store(was);
		s = store_of(was);
		if (i / 36)
			assert_int_equal(read_value(s, value), 0);
		if (step > 0)
			assert_int_equal(run_store_master_changes(s, is), 0);
		if (step > 2) /* by now the keys on disk are the new ones */
			run_store_master(s, is);
		if (step > 2 && i / 36)
			assert_int_equal(put_value(s, "kept"), 0);
		store_close(s);
		assert_found(step > 1 ? is : was);
		assert_int_equal(is_there(".key"), !(step > 1 ? is : was));
		remove_folder(NULL);
		fresh_folder(NULL);
	}
}

static void
a_credential_comes_first(void **state)
{
	uint8_t key[32] = {9};
	char *credential = x_asprintf("%s/testudo-store-key", folder);
	struct store *s;
	char value[16];

	(void)state;
	make_store(K1);
	assert_int_equal(host_file_put(credential, SPAN(key, sizeof(key))), 0);
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	assert_found(K1); /* and is sealed with the credential from now on */
	assert_found(K2);
	assert_found(NULL);
	unsetenv("CREDENTIALS_DIRECTORY");
	assert_refused(K1, -STORE_FOREIGN);
	key[0]++;
	assert_int_equal(host_file_put(credential, SPAN(key, sizeof(key))), 0);
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	assert_refused(K1, -STORE_FOREIGN);
	assert_int_equal(host_file_put(credential, SPAN(key, 5)), 0);
	assert_refused(K1, -STORE_CREDENTIAL);
	s = store_of(K1); /* not even where it is not required: the right one opens it still */
	run_store_require(s, false);
	assert_int_equal(read_value(s, value), -STORE_CREDENTIAL);
	store_close(s);
	assert_true(is_there("") && !is_there(".unread"));
	key[0]--;
	assert_int_equal(host_file_put(credential, SPAN(key, sizeof(key))), 0);
	assert_found(K1);
	free(credential);
}

/* The store that is shared reads the same file. */
static void
a_credential_for_both(void **state)
{
	static const char *const nowhere[] = {"http://127.0.0.1:1"};
	struct policy policy = {
	    .store.etcd = {.n_endpoints = 1, .endpoints = nowhere, .prefix = "/t"}};
	char *credential = x_asprintf("%s/testudo-store-key", folder), value[16];
	struct store *s = run_shared_new(NULL);

	(void)state;
	assert_true(run_shared_want(s, &policy, NULL, &(bool){false}));
	assert_int_equal(read_value(s, value), -STORE_KEYLESS);
	assert_int_equal(host_file_put(credential, SPAN("short", 5)), 0);
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	assert_int_equal(read_value(s, value), -STORE_CREDENTIAL);
	unsetenv("CREDENTIALS_DIRECTORY");
	store_close(s);
	free(credential);
}

/* A trustpoint that is not there, or has no CA: nobody else vouches for etcd. */
static void
nobody_vouches(void **state)
{
	static const char *const nowhere[] = {"https://127.0.0.1:1"};
	struct policy_trustpoint bare = {.name = "ETCD"};
	struct policy policy = {
	    .store.etcd = {
		.n_endpoints = 1, .endpoints = nowhere, .prefix = "/t", .trustpoint = "ETCD"}};
	struct store *s = run_shared_new(NULL);
	char value[16];

	(void)state;
	run_shared_master(s, K1);
	assert_true(run_shared_want(s, &policy, NULL, &(bool){false}));
	assert_int_equal(read_value(s, value), -STORE_TRUSTLESS);
	policy.trustpoints = &bare;
	policy.n_trustpoints = 1;
	assert_true(run_shared_want(s, &policy, NULL, &(bool){false}));
	assert_int_equal(read_value(s, value), -STORE_TRUSTLESS);
	assert_int_equal(put_value(s, "x"), -STORE_TRUSTLESS);
	policy.store.etcd.trustpoint = NULL;
	assert_true(run_shared_want(s, &policy, NULL, &(bool){false}));
	assert_int_equal(read_value(s, value), -STORE_TRUSTLESS);
	assert_false(store_is_lost(-STORE_TRUSTLESS));
	store_close(s);
}

/* --- a file that is shared -------------------------------------------------------------------- */

static struct store *
share_file(const char *master)
{
	const struct policy policy = {.store.file = "coop.store"};
	char *flash = x_asprintf("%s/flash", folder);
	struct store *s = run_shared_new(flash);

	assert_true(run_shared_want(s, &policy, NULL, &(bool){false}));
	run_shared_master(s, master);
	free(flash);
	return s;
}

static char *
shared_path(const char *suffix)
{
	return x_asprintf("%s/flash/coop.store%s", folder, suffix);
}

/* flash: is made with it, and who has another key, or none, reads nothing. */
static void
two_share_a_file(void **state)
{
	struct store *one = share_file(K1), *two = share_file(K1);
	struct store *other = share_file(K2), *none = share_file(NULL);
	char value[16];

	(void)state;
	assert_int_equal(put_value(one, "kept"), 0);
	assert_int_equal(read_value(two, value), 0);
	assert_string_equal(value, "kept");
	assert_int_equal(read_value(other, value), -STORE_FOREIGN);
	assert_int_equal(read_value(none, value), -STORE_KEYLESS);
	assert_int_equal(put_value(two, "again"), 0);
	assert_int_equal(read_value(one, value), 0);
	assert_string_equal(value, "again");
	store_close(none);
	store_close(other);
	store_close(two);
	store_close(one);
}

/* What went into a file that is gone is not kept, and the next call makes another. */
static void
shared_file_goes(void **state)
{
	struct store *one = share_file(K1), *two = share_file(K1);
	char *path = shared_path(""), *aside = shared_path(".aside"), value[16];
	struct store_state now;

	(void)state;
	assert_int_equal(put_value(one, "old"), 0);
	assert_int_equal(read_value(two, value), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(read_value(one, value), 0);
	assert_string_equal(value, "");
	assert_int_equal(put_value(two, "new"), 0);
	assert_int_equal(read_value(one, value), 0);
	assert_string_equal(value, "new");
	one->ops->describe(one, &now);
	assert_string_equal(now.engine, "SQLite");
	assert_string_equal(now.place, path);
	assert_string_equal(now.error, "");
	/* A link leads elsewhere, and what is no store is not written. */
	assert_int_equal(rename(path, aside), 0);
	assert_int_equal(symlink(aside, path), 0);
	assert_int_equal(read_value(one, value), -ELOOP);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(host_file_put(path, SPAN("no store", 8)), 0);
	assert_int_equal(read_value(one, value), -STORE_TORN);
	assert_int_equal(put_value(two, "newer"), -STORE_TORN);
	two->ops->describe(two, &now);
	assert_string_equal(now.place, path);
	assert_string_equal(now.error, store_error_text(-STORE_TORN));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(put_value(two, "newer"), 0);
	assert_int_equal(read_value(one, value), 0);
	assert_string_equal(value, "newer");
	store_close(two);
	store_close(one);
	free(aside);
	free(path);
}

static bool
pass_record(void *arg, const struct store_record *record)
{
	(void)arg;
	(void)record;
	return true;
}

/* Past the seal, as somebody with another program does. */
static void
write_past_seal(const char *name, const char *value)
{
	char *path = shared_path("");
	const struct store_write w = {.name = name,
	                              .value = SPAN(value, value ? strlen(value) : 0)};
	struct store *raw;

	assert_int_equal(store_sqlite_share(path, &raw), 0);
	assert_int_equal(
	    raw->ops->commit(raw, &(struct store_txn){.n_writes = 1, .writes = &w}, NULL), 0);
	store_close(raw);
	free(path);
}

/*
 * A record that is torn is no reason to open the file anew, time and again: as here, where that
 * could not be done any more.
 */
static void
shared_record_is_torn(void **state)
{
	struct store *one = share_file(K1);
	uint64_t since = 0;

	(void)state;
	assert_int_equal(put_value(one, "kept"), 0);
	assert_int_equal(one->ops->read(one, "", pass_record, NULL, &since), 0);
	write_past_seal("gdoi/n135/x", "junk");
	assert_int_equal(one->ops->changes(one, "gdoi/n135/", since, 0, pass_record, NULL, NULL),
	                 -STORE_TORN);
	write_past_seal("seal", "x");
	assert_int_equal(one->ops->lease_keep(one, 77), -ENOENT);
	/* Where the seal is not the one it was, there is a reason. */
	assert_int_equal(one->ops->read(one, "gdoi/n135/", pass_record, NULL, NULL),
	                 -STORE_FOREIGN);
	assert_int_equal(one->ops->lease_keep(one, 77), -STORE_TORN);
	store_close(one);
}

/* The store was wiped, and another one has sealed it since: who only reads finds that out, too. */
static void
shared_file_is_sealed_by_another(void **state)
{
	struct store *one = share_file(K1), *two;
	uint64_t since = 0;
	char value[16];

	(void)state;
	assert_int_equal(put_value(one, "old"), 0);
	assert_int_equal(one->ops->read(one, "", pass_record, NULL, &since), 0);
	write_past_seal("k", NULL);
	write_past_seal("seal", NULL);
	two = share_file(K1);
	assert_int_equal(put_value(two, "new"), 0);
	assert_int_equal(one->ops->changes(one, "k", since, 0, pass_record, NULL, NULL),
	                 -STORE_FOREIGN);
	assert_int_equal(read_value(one, value), 0);
	assert_string_equal(value, "new");
	store_close(two);
	store_close(one);
}

/* Who has not the key of those who share it does not take it when it is wiped. */
static void
a_stranger_seals_nothing(void **state)
{
	struct store *one = share_file(K1), *stranger = share_file(K2);
	char value[16];

	(void)state;
	assert_int_equal(put_value(one, "old"), 0);
	assert_int_equal(read_value(stranger, value), -STORE_FOREIGN);
	write_past_seal("k", NULL);
	write_past_seal("seal", NULL);
	assert_int_equal(read_value(stranger, value), -STORE_EMPTIED);
	assert_int_equal(put_value(stranger, "taken"), -STORE_EMPTIED);
	assert_int_equal(put_value(one, "new"), 0); /* sealed as it was */
	assert_int_equal(read_value(stranger, value), -STORE_FOREIGN);
	write_past_seal("k", NULL);
	write_past_seal("seal", NULL);
	run_shared_master(stranger, K1); /* an administrator says so */
	assert_int_equal(put_value(stranger, "joined"), 0);
	store_close(stranger);
	assert_int_equal(read_value(one, value), -STORE_FOREIGN); /* and opens it anew */
	assert_int_equal(read_value(one, value), 0);
	assert_string_equal(value, "joined");
	store_close(one);
}

/* Without flash: there is no file; and from one to another it is another place. */
static void
shared_file_is_named(void **state)
{
	static const char *const nowhere[] = {"http://127.0.0.1:1"};
	const struct policy file = {.store.file = "coop.store"};
	const struct policy other = {.store.file = "other.store"};
	const struct policy etcd = {
	    .store = {.file = "coop.store",
	              .etcd = {.n_endpoints = 1, .endpoints = nowhere, .prefix = "/t"}}};
	struct store *s = run_shared_new(NULL);
	char value[16];
	bool is_other;

	(void)state;
	assert_false(run_shared_want(s, &(struct policy){0}, NULL, &is_other));
	assert_true(run_shared_want(s, &file, NULL, &is_other));
	assert_false(is_other);
	run_shared_master(s, K1);
	assert_int_equal(read_value(s, value), -ENODEV);
	assert_true(run_shared_want(s, &other, NULL, &is_other));
	assert_true(is_other);
	assert_true(run_shared_want(s, &other, NULL, &is_other));
	assert_false(is_other);
	assert_true(run_shared_want(s, &etcd, NULL, &is_other));
	assert_true(is_other);
	assert_int_equal(read_value(s, value), -EHOSTUNREACH);
	store_close(s);
}

/* As if it could not be reached: nobody takes such a server for the only one. */
static void
no_store_is_named(void **state)
{
	static const char *const urls[] = {"http://127.0.0.1:1"};
	const struct policy_group peered = {.local = true, .server.coop.n_peers = 1};
	const struct policy file = {.store.file = "coop.store"};
	const struct policy wrong = {.store = {.file = "coop.store", .etcd.endpoints = urls}};
	struct policy none = {.n_groups = 1, .groups = &peered};
	char *flash = x_asprintf("%s/flash", folder), value[16];
	struct store *s = run_shared_new(flash), *two = share_file(K1);
	bool other;

	(void)state;
	run_shared_master(s, K1);
	assert_false(run_shared_want(s, &none, NULL, &other)); /* there never was one */
	assert_true(run_shared_want(s, &wrong, NULL, &other));
	assert_int_equal(read_value(s, value), -STORE_NAMELESS);
	assert_true(run_shared_want(s, &file, NULL, &other));
	assert_int_equal(put_value(s, "kept"), 0);
	/* The line is taken away, and typed again: it is the same store. */
	assert_true(run_shared_want(s, &none, NULL, &other));
	assert_false(other);
	assert_int_equal(read_value(s, value), -STORE_NAMELESS);
	assert_int_equal(put_value(s, "lost"), -STORE_NAMELESS);
	assert_true(run_shared_want(s, &wrong, NULL, &other));
	assert_false(other);
	assert_int_equal(read_value(s, value), -STORE_NAMELESS);
	assert_true(run_shared_want(s, &file, NULL, &other));
	assert_false(other);
	assert_int_equal(read_value(s, value), 0);
	assert_string_equal(value, "kept");
	none.n_groups = 0; /* nobody shares it any more */
	assert_false(run_shared_want(s, &none, NULL, &other));
	store_close(two);
	store_close(s);
	free(flash);
}

/* --- older copies ----------------------------------------------------------------------------- */

static void
copy_file(const char *from, const char *to)
{
	struct text text = TEXT_INIT;
	int fd = open(from, O_RDONLY | O_CLOEXEC);

	assert_int_equal(host_file_take(fd, 1u << 24, &text), 0);
	close(fd);
	assert_int_equal(host_file_put(to, SPAN(text.p, text.n)), 0);
	text_fini(&text);
}

static void
an_older_copy(void **state)
{
	struct store *s;
	char value[16];

	(void)state;
	make_store(NULL);
	copy_file(path_of(""), path_of(".copy"));
	make_store(NULL);
	copy_file(path_of(""), path_of(".newer"));
	copy_file(path_of(".copy"), path_of(""));
	assert_refused(NULL, -STORE_BACK);
	copy_file(path_of(".newer"), path_of(""));
	assert_found(NULL);
	copy_file(path_of(".copy"), path_of(""));
	s = store_of(NULL);
	run_store_require(s, false);
	assert_int_equal(read_value(s, value), -STORE_BACK);
	assert_int_equal(put_value(s, "kept"), 0); /* another store, which is no older copy */
	store_close(s);
	assert_found(NULL);
	copy_file(path_of(".newer"), path_of(""));
	assert_refused(NULL, -STORE_BACK); /* not this one */
	unlink(path_of(".mark"));          /* whoever wants it so */
	assert_found(NULL);
}

/* A process that is killed has told how far it was, at least every 64 transactions. */
static void
an_older_copy_of_a_killed_one(void **state)
{
	pid_t child;
	int status;

	(void)state;
	make_store(NULL);
	copy_file(path_of(""), path_of(".copy"));
	child = fork();
	if (!child) {
		struct store *s = store_of(NULL);
		int error = 0;

		for (int i = 0; i < 70 && !error; i++)
			error = put_value(s, "kept");
		_exit(error ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_found(NULL);
	unlink(path_of("-wal"));
	unlink(path_of("-shm"));
	copy_file(path_of(".copy"), path_of(""));
	assert_refused(NULL, -STORE_BACK);
}

/* Two that start for the first time have one key and one store. */
static void
two_first_starts(void **state)
{
	(void)state;
	for (int round = 0; round < 20; round++) {
		pid_t child[4];
		int status;

		for (size_t i = 0; i < ARRAY_SIZE(child); i++) {
			child[i] = fork();
			if (!child[i]) {
				struct store *s = store_of(NULL);
				int error = put_value(s, "kept");

				_exit(error && error != -EBUSY);
			}
		}
		for (size_t i = 0; i < ARRAY_SIZE(child); i++) {
			assert_int_equal(waitpid(child[i], &status, 0), child[i]);
			assert_int_equal(status, 0);
		}
		assert_found(NULL);
		remove_folder(NULL);
		fresh_folder(NULL);
	}
}

/* It dies as it puts a store aside: what it left beside it does not get into the next one. */
static void
what_stands_beside_no_store(void **state)
{
	struct store *s, *t;
	char value[16];

	(void)state;
	s = store_of(NULL);
	assert_int_equal(put_value(s, "kept"), 0);
	copy_file(path_of("-wal"), path_of(".wal"));
	store_close(s);
	unlink(path_of(""));
	assert_int_equal(rename(path_of(".wal"), path_of("-wal")), 0);
	t = store_of(NULL);
	assert_int_equal(read_value(t, value), 0);
	assert_string_equal(value, "");
	assert_int_equal(put_value(t, "kept"), 0);
	store_close(t);
	assert_found(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(without_a_master_key, fresh_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(with_a_master_key, fresh_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(a_key_of_another_size, fresh_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(none_keeps_nothing, fresh_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(before_the_keys_are_read, fresh_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(another_master_key, fresh_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(a_credential_comes_first, fresh_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(a_credential_for_both, fresh_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(nobody_vouches, fresh_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(two_share_a_file, fresh_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(shared_file_goes, fresh_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(shared_record_is_torn, fresh_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(shared_file_is_sealed_by_another, fresh_folder,
	                                    remove_folder),
	    cmocka_unit_test_setup_teardown(a_stranger_seals_nothing, fresh_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(shared_file_is_named, fresh_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(no_store_is_named, fresh_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(an_older_copy, fresh_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(an_older_copy_of_a_killed_one, fresh_folder,
	                                    remove_folder),
	    cmocka_unit_test_setup_teardown(two_first_starts, fresh_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(what_stands_beside_no_store, fresh_folder,
	                                    remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
