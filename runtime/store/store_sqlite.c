/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
/* Transactions, reading, leases on the file of store_sqlite_file.c: see store_sqlite.h. */
#include "runtime/store/store_sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/store/store_sqlite_parts.h"

#define LOOK_EVERY 20 /* milliseconds: whoever waits for changes looks at the file so often */
#define NONE       SPAN("", 0)

struct lease_row {
	uint64_t id, ttl, ends;
};

struct store_file {
	struct store store;
	char *path;            /* as it was opened, in whichever folder that is now */
	struct sqlite_id file; /* what stood there */
	pthread_mutex_t telling;
	struct store_state told; /* of the last transaction; its lock is never held for long */
	pthread_mutex_t lock;    /* of all below */
	sqlite3 *db;
	sqlite3_stmt *queries[QUERY_COUNT];
	char boot[SQLITE_BOOT_MAX]; /* this run of the machine */
	uint64_t entered;           /* when the last transaction began, by boot_time */
	/* Within a transaction only: */
	struct sqlite_meta meta;
	struct lease_row *leases; /* in the order of their ids */
	size_t n_leases, capacity;
};

/* Since the machine began to run, its sleep included: the same for all processes. */
static uint64_t
boot_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static int
read_boot(char boot[static SQLITE_BOOT_MAX])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC), error;
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, boot, SQLITE_BOOT_MAX - 1);
	error = n < 0 ? -errno : n < 2 ? -EIO : 0;
	close(fd);
	if (error)
		return error;
	boot[n - 1] = '\0'; /* the line's end */
	return 0;
}

/* --- queries ---------------------------------------------------------------------------------- */

/* SQLITE_ROW or SQLITE_DONE to *ret_row. */
static int
step_query(struct store_file *s, enum sqlite_query query, bool *ret_row)
{
	int code;

	errno = 0; /* sqlite_error looks at it */
	code = sqlite3_step(s->queries[query]);
	*ret_row = code == SQLITE_ROW;
	return sqlite_error(s->db, code);
}

static sqlite3_stmt *
fresh_query(struct store_file *s, enum sqlite_query query)
{
	sqlite3_reset(s->queries[query]);
	return s->queries[query];
}

/* One without rows that are wanted. */
static int
run_query(struct store_file *s, enum sqlite_query query)
{
	bool row;
	int error = step_query(s, query, &row);

	sqlite3_reset(s->queries[query]);
	return error;
}

static void
bind_number(sqlite3_stmt *q, int at, uint64_t number)
{
	sqlite3_bind_int64(q, at, (int64_t)number);
}

/* The names and values live until the query has run. */
static void
bind_name(sqlite3_stmt *q, int at, const char *name)
{
	sqlite3_bind_text(q, at, name, -1, SQLITE_STATIC);
}

/* --- records and their log -------------------------------------------------------------------- */

static struct span
name_span(const char *name)
{
	return SPAN(name, strlen(name));
}

static int
log_change(struct store_file *s, const char *name)
{
	sqlite3_stmt *q = fresh_query(s, QUERY_LOG_PUT);

	bind_number(q, 1, s->meta.revision);
	bind_name(q, 2, name);
	sqlite3_bind_int64(q, 3, SQLITE_SUM(name_span(name), NONE, s->meta.revision));
	return run_query(s, QUERY_LOG_PUT);
}

static int
trim_log(struct store_file *s)
{
	sqlite3_stmt *q = fresh_query(s, QUERY_LOG_TRIM);

	if (s->meta.revision <= STORE_LOG_REVISIONS)
		return 0;
	bind_number(q, 1, s->meta.revision - STORE_LOG_REVISIONS);
	return run_query(s, QUERY_LOG_TRIM);
}

static int
remove_record(struct store_file *s, const char *name)
{
	int error;

	bind_name(fresh_query(s, QUERY_RECORD_REMOVE), 1, name);
	error = run_query(s, QUERY_RECORD_REMOVE);
	return error || !sqlite3_changes(s->db) ? error : log_change(s, name);
}

static int
put_record(struct store_file *s, const struct store_write *w)
{
	sqlite3_stmt *q = fresh_query(s, QUERY_RECORD_PUT);
	int error;

	bind_name(q, 1, w->name);
	sqlite3_bind_blob(q, 2, w->value.p, (int)w->value.n, SQLITE_STATIC);
	bind_number(q, 3, s->meta.revision);
	bind_number(q, 4, w->lease);
	sqlite3_bind_int64(q, 5,
	                   SQLITE_SUM(name_span(w->name), w->value, s->meta.revision, w->lease));
	error = run_query(s, QUERY_RECORD_PUT);
	sqlite3_bind_null(q, 2);
	return error ? error : log_change(s, w->name);
}

/* A row's columns name, value, revision, lease, sum, from `at` on; `name` stands elsewhere. */
static bool
take_record(struct store_file *s, sqlite3_stmt *q, struct span name, int at,
            struct store_record *ret, uint64_t *ret_lease)
{
	struct store_record r = {.name = (const char *)name.p};

	if (!sqlite_row_value(q, at, &r.value) || !sqlite_row_number(q, at + 1, &r.revision) ||
	    !sqlite_row_number(q, at + 2, ret_lease) ||
	    !sqlite_row_sum_is(q, at + 3, SQLITE_SUM(name, r.value, r.revision, *ret_lease)) ||
	    !r.revision || r.revision > s->meta.revision)
		return false;
	r.leased = *ret_lease != 0;
	*ret = r;
	return true;
}

/* --- leases ----------------------------------------------------------------------------------- */

static bool
take_lease(sqlite3_stmt *q, struct lease_row *l)
{
	return sqlite_row_number(q, 0, &l->id) && sqlite_row_number(q, 1, &l->ttl) &&
	       sqlite_row_number(q, 2, &l->ends) && l->ttl <= UINT32_MAX &&
	       sqlite_row_sum_is(q, 3, SQLITE_SUM(NONE, NONE, l->id, l->ttl, l->ends));
}

static int
load_leases(struct store_file *s)
{
	sqlite3_stmt *q = fresh_query(s, QUERY_LEASES);
	struct lease_row l;
	bool row;
	int error;

	s->n_leases = 0;
	while (!(error = step_query(s, QUERY_LEASES, &row)) && row) {
		if (!take_lease(q, &l) || !l.id || l.id > s->meta.last_lease ||
		    s->n_leases >= STORE_LEASES_MAX) {
			error = -STORE_TORN;
			break;
		}
		x_grow(&s->leases, &s->capacity, s->n_leases + 1, sizeof(l));
		s->leases[s->n_leases++] = l;
	}
	sqlite3_reset(q);
	return error;
}

static struct lease_row *
find_lease(struct store_file *s, uint64_t id)
{
	size_t low = 0, high = s->n_leases;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->leases[middle].id == id)
			return &s->leases[middle];
		if (s->leases[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* A record under this lease is there: the lease is none, or lives. */
static bool
lease_lives(struct store_file *s, uint64_t id, uint64_t now)
{
	const struct lease_row *l = id ? find_lease(s, id) : NULL;

	return !id || (l && l->ends > now);
}

static int
put_lease(struct store_file *s, struct lease_row l)
{
	sqlite3_stmt *q = fresh_query(s, QUERY_LEASE_PUT);

	bind_number(q, 1, l.id);
	bind_number(q, 2, l.ttl);
	bind_number(q, 3, l.ends);
	sqlite3_bind_int64(q, 4, SQLITE_SUM(NONE, NONE, l.id, l.ttl, l.ends));
	return run_query(s, QUERY_LEASE_PUT);
}

/* One record under a lease, to name; empty: there is none. */
static int
next_of_lease(struct store_file *s, uint64_t id, char name[static STORE_NAME_MAX + 1])
{
	sqlite3_stmt *q = fresh_query(s, QUERY_LEASE_RECORD);
	struct span found;
	bool row;
	int error;

	name[0] = '\0';
	bind_number(q, 1, id);
	error = step_query(s, QUERY_LEASE_RECORD, &row);
	if (!error && row && !sqlite_row_name(q, 0, &found))
		error = -STORE_TORN;
	if (!error && row)
		memcpy(name, found.p, found.n + 1);
	sqlite3_reset(q);
	return error;
}

/* The records go in a revision of their own. */
static int
end_lease(struct store_file *s, uint64_t id)
{
	char name[STORE_NAME_MAX + 1];
	bool some = false;
	int error;

	bind_number(fresh_query(s, QUERY_LEASE_REMOVE), 1, id);
	error = run_query(s, QUERY_LEASE_REMOVE);
	while (!error && !(error = next_of_lease(s, id, name)) && *name) {
		s->meta.revision += !some;
		some = true;
		error = remove_record(s, name);
		if (!error && !sqlite3_changes(s->db))
			error = -STORE_TORN; /* an index that leads nowhere */
	}
	return error;
}

static int
end_old_leases(struct store_file *s, uint64_t now)
{
	int error = 0;

	for (size_t i = 0; i < s->n_leases && !error; i++)
		if (s->leases[i].ends <= now)
			error = end_lease(s, s->leases[i].id);
	return error;
}

/* --- transactions ----------------------------------------------------------------------------- */

static int
load_meta(struct store_file *s)
{
	sqlite3_stmt *q = fresh_query(s, QUERY_META);
	struct sqlite_meta m = {0};
	const char *boot;
	bool row;
	int error = step_query(s, QUERY_META, &row), n;

	boot = !error && row ? (const char *)sqlite3_column_text(q, 2) : NULL;
	n = sqlite3_column_bytes(q, 2);
	if (!error &&
	    (!boot || n >= SQLITE_BOOT_MAX || !sqlite_row_number(q, 0, &m.revision) ||
	     !sqlite_row_number(q, 1, &m.last_lease) ||
	     !sqlite_row_sum_is(q, 3, SQLITE_SUM(SPAN(boot, n), NONE, m.revision, m.last_lease)) ||
	     m.revision > INT64_MAX / 2 || m.last_lease > INT64_MAX / 2))
		error = -STORE_TORN;
	if (!error) {
		memcpy(m.boot, boot, (size_t)n);
		s->meta = m;
	}
	sqlite3_reset(q);
	return error;
}

static int
save_meta(struct store_file *s)
{
	sqlite3_stmt *q = fresh_query(s, QUERY_META_SET);

	bind_number(q, 1, s->meta.revision);
	bind_number(q, 2, s->meta.last_lease);
	bind_name(q, 3, s->meta.boot);
	sqlite3_bind_int64(
	    q, 4, SQLITE_SUM(name_span(s->meta.boot), NONE, s->meta.revision, s->meta.last_lease));
	return run_query(s, QUERY_META_SET);
}

/* What a check or a lease says is an answer, and no fault of the store's. */
static void
note_state(struct store_file *s, int error)
{
	const bool answered = error == 0 || error == -EAGAIN || error == -ENOENT;

	pthread_mutex_lock(&s->telling);
	s->told.lag = (msec)(boot_time() - s->entered);
	snprintf(s->told.error, sizeof(s->told.error), "%s",
	         answered ? "" : store_error_text(error));
	if (!error)
		s->told.revision = s->meta.revision;
	pthread_mutex_unlock(&s->telling);
}

/* Ends the transaction, whatever it was, and gives the lock back. */
static int
abandon_file(struct store_file *s, int error)
{
	if (!sqlite3_get_autocommit(s->db))
		run_query(s, QUERY_ROLLBACK);
	note_state(s, error);
	pthread_mutex_unlock(&s->lock);
	return error;
}

/* Takes the lock and begins; meta and leases are loaded. After an error it is abandoned. */
static int
enter_file(struct store_file *s, enum sqlite_query begin)
{
	int error;

	pthread_mutex_lock(&s->lock);
	s->entered = boot_time();
	error = run_query(s, begin);
	if (!error)
		error = load_meta(s);
	if (!error)
		error = load_leases(s);
	return error ? abandon_file(s, error) : 0;
}

/* As enter_file, to write; leases that are over end. */
static int
enter_to_write(struct store_file *s, uint64_t *ret_now)
{
	int error = enter_file(s, QUERY_BEGIN_WRITE);

	if (error)
		return error;
	*ret_now = boot_time();
	error = end_old_leases(s, *ret_now);
	return error ? abandon_file(s, error) : 0;
}

/* What was written since enter_to_write is to stay. */
static int
leave_written(struct store_file *s)
{
	int error = trim_log(s);

	if (!error)
		error = save_meta(s);
	if (!error)
		error = run_query(s, QUERY_COMMIT);
	return abandon_file(s, error);
}

static int
check_record(struct store_file *s, const struct store_check *c)
{
	sqlite3_stmt *q = fresh_query(s, QUERY_RECORD_REVISION);
	struct store_record r = {0};
	struct span name;
	uint64_t lease;
	bool row;
	int error;

	bind_name(q, 1, c->name);
	error = step_query(s, QUERY_RECORD_REVISION, &row);
	if (!error && row &&
	    (!sqlite_row_name(q, 0, &name) || !take_record(s, q, name, 1, &r, &lease)))
		error = -STORE_TORN;
	if (!error && r.revision != c->revision)
		error = -EAGAIN;
	sqlite3_reset(q);
	return error;
}

static int
check_txn(struct store_file *s, const struct store_txn *txn, uint64_t now)
{
	int error = 0;

	for (size_t i = 0; i < txn->n_checks && !error; i++)
		error = check_record(s, &txn->checks[i]);
	for (size_t i = 0; i < txn->n_writes && !error; i++)
		if (!lease_lives(s, txn->writes[i].lease, now))
			error = -ENOENT;
	return error;
}

static int
apply_txn(struct store_file *s, const struct store_txn *txn)
{
	int error = 0;

	s->meta.revision += txn->n_writes > 0;
	for (size_t i = 0; i < txn->n_writes && !error; i++)
		error = txn->writes[i].value.p ? put_record(s, &txn->writes[i])
		                               : remove_record(s, txn->writes[i].name);
	return error;
}

static int
commit_file(struct store *store, const struct store_txn *txn, uint64_t *ret_revision)
{
	struct store_file *s = (struct store_file *)store;
	int error = store_txn_check(store, txn);
	uint64_t now, revision;

	if (!error)
		error = enter_to_write(s, &now);
	if (error)
		return error;
	error = check_txn(s, txn, now);
	if (!error)
		error = apply_txn(s, txn);
	if (error)
		return abandon_file(s, error);
	revision = s->meta.revision;
	error = leave_written(s);
	if (!error && ret_revision)
		*ret_revision = revision;
	return error;
}

static int
begin_lease(struct store *store, unsigned ttl, uint64_t *ret_lease)
{
	struct store_file *s = (struct store_file *)store;
	uint64_t now, id;
	int error = ttl ? enter_to_write(s, &now) : -EINVAL;

	if (error)
		return error;
	id = ++s->meta.last_lease;
	error = s->n_leases >= STORE_LEASES_MAX ? -ENOSPC : 0;
	if (!error)
		error = put_lease(s, (struct lease_row){.id = id, .ttl = ttl, .ends = now + ttl});
	error = error ? abandon_file(s, error) : leave_written(s);
	if (!error)
		*ret_lease = id;
	return error;
}

static int
keep_lease(struct store *store, uint64_t lease)
{
	struct store_file *s = (struct store_file *)store;
	struct lease_row *l;
	uint64_t now;
	int error = enter_to_write(s, &now);

	if (error)
		return error;
	l = find_lease(s, lease);
	if (!l || l->ends <= now)
		return abandon_file(s, -ENOENT);
	l->ends = now + l->ttl;
	error = put_lease(s, *l);
	return error ? abandon_file(s, error) : leave_written(s);
}

static int
finish_lease(struct store *store, uint64_t lease)
{
	struct store_file *s = (struct store_file *)store;
	uint64_t now;
	int error = enter_to_write(s, &now);

	if (error)
		return error;
	error = find_lease(s, lease) ? end_lease(s, lease) : 0;
	return error ? abandon_file(s, error) : leave_written(s);
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool
name_fits(struct span name, const char *prefix, const char *last)
{
	return strncmp((const char *)name.p, prefix, strlen(prefix)) == 0 &&
	       strcmp((const char *)name.p, last) > 0;
}

/* Names rise, or the file is not in order. */
static int
tell_records(struct store_file *s, const char *prefix, store_each *each, void *arg)
{
	sqlite3_stmt *q = fresh_query(s, QUERY_RECORDS);
	char last[STORE_NAME_MAX + 1] = "";
	uint64_t now = boot_time(), lease;
	struct store_record r;
	struct span name;
	bool row;
	int error;

	bind_name(q, 1, prefix);
	while (!(error = step_query(s, QUERY_RECORDS, &row)) && row) {
		if (!sqlite_row_name(q, 0, &name) || !name_fits(name, prefix, last) ||
		    !take_record(s, q, name, 1, &r, &lease)) {
			error = -STORE_TORN;
			break;
		}
		memcpy(last, name.p, name.n + 1);
		if (lease_lives(s, lease, now) && !each(arg, &r))
			break;
	}
	sqlite3_reset(q);
	return error;
}

static int
read_file(struct store *store, const char *prefix, store_each *each, void *arg,
          uint64_t *ret_revision)
{
	struct store_file *s = (struct store_file *)store;
	int error = store_prefix_check(prefix);

	if (!error)
		error = enter_file(s, QUERY_BEGIN_READ);
	if (error)
		return error;
	error = tell_records(s, prefix, each, arg);
	if (!error && ret_revision)
		*ret_revision = s->meta.revision;
	return abandon_file(s, error);
}

/* A change: the record as it is, or that it is gone. False: the row is not as it should be. */
static bool
take_change(struct store_file *s, sqlite3_stmt *q, uint64_t now, struct store_record *ret)
{
	struct span name;
	uint64_t logged, lease;

	if (!sqlite_row_name(q, 0, &name) || !sqlite_row_number(q, 5, &logged) ||
	    !sqlite_row_sum_is(q, 6, SQLITE_SUM(name, NONE, logged)) || logged > s->meta.revision)
		return false;
	*ret = (struct store_record){.name = (const char *)name.p, .revision = logged};
	if (sqlite3_column_type(q, 1) == SQLITE_NULL)
		return true;
	if (!take_record(s, q, name, 1, ret, &lease))
		return false;
	if (!lease_lives(s, lease, now))
		ret->value = (struct span){0};
	return true;
}

static int
tell_changes(struct store_file *s, const char *prefix, uint64_t since, store_each *each, void *arg,
             bool *ret_some)
{
	sqlite3_stmt *q = fresh_query(s, QUERY_CHANGES);
	char last[STORE_NAME_MAX + 1] = "";
	uint64_t now = boot_time();
	struct store_record r;
	bool row;
	int error;

	bind_name(q, 1, prefix);
	bind_number(q, 2, since);
	while (!(error = step_query(s, QUERY_CHANGES, &row)) && row) {
		if (!take_change(s, q, now, &r)) {
			error = -STORE_TORN;
			break;
		}
		*ret_some = true;
		if (strcmp(r.name, last) == 0)
			continue; /* the newest came first */
		snprintf(last, sizeof(last), "%s", r.name);
		if (!each(arg, &r))
			break;
	}
	sqlite3_reset(q);
	return error;
}

/* Leases that are over end, so that this is a change; a file that cannot be written waits. */
static int
end_leases_now(struct store_file *s)
{
	uint64_t now = boot_time();
	int error = enter_file(s, QUERY_BEGIN_READ);
	bool over = false;

	if (error)
		return error;
	for (size_t i = 0; i < s->n_leases; i++)
		over = over || s->leases[i].ends <= now;
	abandon_file(s, 0);
	if (over && !enter_to_write(s, &now))
		leave_written(s);
	return 0;
}

static int
read_changes(struct store *store, const char *prefix, uint64_t since, unsigned wait,
             store_each *each, void *arg, uint64_t *ret_revision)
{
	struct store_file *s = (struct store_file *)store;
	uint64_t end = boot_time() + wait, now, seen = since;
	bool some = false;
	int error = store_prefix_check(prefix);

	while (!error) {
		error = end_leases_now(s);
		if (!error)
			error = enter_file(s, QUERY_BEGIN_READ);
		if (error)
			break;
		error = store_since_check(since, s->meta.revision);
		if (!error && s->meta.revision != seen)
			error = tell_changes(s, prefix, since, each, arg, &some);
		seen = s->meta.revision;
		now = boot_time();
		abandon_file(s, 0);
		if (error || some || now >= end)
			break;
		now = end - now < LOOK_EVERY ? end - now : LOOK_EVERY;
		usleep((useconds_t)now * 1000);
	}
	if (!error && ret_revision)
		*ret_revision = seen;
	return error;
}

/* --- what is known of it ---------------------------------------------------------------------- */

static uint64_t
size_of_file(const char *path, const char *suffix)
{
	char *beside = x_asprintf("%s%s", path, suffix);
	struct stat st;
	uint64_t size = lstat(beside, &st) ? 0 : (uint64_t)st.st_size;

	free(beside);
	return size;
}

static void
describe_file(struct store *store, struct store_state *ret)
{
	struct store_file *s = (struct store_file *)store;

	pthread_mutex_lock(&s->telling);
	*ret = s->told;
	pthread_mutex_unlock(&s->telling);
	ret->engine = "SQLite";
	snprintf(ret->place, sizeof(ret->place), "%s", s->path);
	ret->octets = size_of_file(s->path, "") + size_of_file(s->path, "-wal");
}

/* --- birth and end ---------------------------------------------------------------------------- */

static void
close_file(struct store *store)
{
	struct store_file *s = (struct store_file *)store;

	/* What the library removes as it closes may be another store's by now. */
	if (!store_sqlite_stands(store))
		sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	for (int i = 0; i < QUERY_COUNT; i++)
		sqlite3_finalize(s->queries[i]);
	sqlite3_close(s->db);
	pthread_mutex_destroy(&s->lock);
	pthread_mutex_destroy(&s->telling);
	free(s->leases);
	free(s->path);
	free(s);
}

/* No lease outlives the run of the machine in which it began: its clock began anew. */
static int
enter_boot(struct store_file *s)
{
	int error = read_boot(s->boot);

	if (!error)
		error = enter_file(s, QUERY_BEGIN_WRITE);
	if (error)
		return error;
	if (strcmp(s->meta.boot, s->boot) == 0)
		return abandon_file(s, 0);
	error = end_old_leases(s, UINT64_MAX);
	memcpy(s->meta.boot, s->boot, sizeof(s->boot));
	return error ? abandon_file(s, error) : leave_written(s);
}

static const struct store_ops file_ops = {
    .commit = commit_file,
    .read = read_file,
    .changes = read_changes,
    .lease_begin = begin_lease,
    .lease_keep = keep_lease,
    .lease_end = finish_lease,
    .describe = describe_file,
    .close = close_file,
};

static int
open_store(const char *path, uint64_t revision, struct store **ret)
{
	struct store_file *s;
	struct sqlite_id id;
	sqlite3 *db;
	int error = sqlite_file_open(path, revision, &db, &id);

	if (error)
		return error;
	s = x_alloc(sizeof(*s));
	s->store.ops = &file_ops;
	s->db = db;
	s->path = x_strdup(sqlite3_db_filename(db, "main"));
	s->file = id;
	pthread_mutex_init(&s->lock, NULL);
	pthread_mutex_init(&s->telling, NULL);
	error = sqlite_file_prepare(db, s->queries);
	if (!error)
		error = enter_boot(s);
	if (error) {
		close_file(&s->store);
		return error;
	}
	*ret = &s->store;
	return 0;
}

int
store_sqlite_open(const char *path, struct store **ret)
{
	return open_store(path, 0, ret);
}

int
store_sqlite_share(const char *path, struct store **ret)
{
	uint32_t chance;

	sqlite3_randomness(sizeof(chance), &chance);
	return open_store(path, chance, ret);
}

bool
store_sqlite_stands(const struct store *store)
{
	const struct store_file *s = (const struct store_file *)store;
	struct sqlite_id now;

	return !sqlite_file_id(s->path, &now) && now.device == s->file.device &&
	       now.inode == s->file.inode;
}
