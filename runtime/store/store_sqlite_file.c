/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
/*
 * The file of a store: made whole or not at all, looked at before it is used. See
 * store_sqlite_parts.h.
 *
 * No descriptor of the file itself is opened and closed here: with it this process would lose the
 * locks that the library holds on the file (fcntl(2)); O_PATH does not.
 */
#include "runtime/store/store_sqlite_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/store/store_sqlite.h"

#define APPLICATION  1416852594 /* "Tstr" */
#define VERSION      1
#define BUSY_WAIT    2000 /* milliseconds */
#define LOCK_PAUSE   20   /* milliseconds */
#define PAGE         4096
#define MODE_AT      18 /* two octets of the file's head: 2 is WAL */
#define STRINGIFY(x) #x
#define NUMBER(x)    STRINGIFY(x)

/*
 * The tables, word for word as the file must have them. Sums: sqlite_row_sum of name, value, and
 * the numbers.
 */
static const struct table {
	const char *name, *sql;
} tables[] = {
    {"meta", "CREATE TABLE meta(id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, "
             "last_lease INTEGER NOT NULL, boot TEXT NOT NULL, sum INTEGER NOT NULL) STRICT"},
    {"record", "CREATE TABLE record(name TEXT PRIMARY KEY, value BLOB NOT NULL, "
               "revision INTEGER NOT NULL, lease INTEGER NOT NULL, sum INTEGER NOT NULL) "
               "STRICT, WITHOUT ROWID"},
    {"record_lease", "CREATE INDEX record_lease ON record(lease) WHERE lease > 0"},
    {"log", "CREATE TABLE log(revision INTEGER, name TEXT, sum INTEGER NOT NULL, "
            "PRIMARY KEY(revision, name)) STRICT, WITHOUT ROWID"},
    {"lease", "CREATE TABLE lease(id INTEGER PRIMARY KEY, ttl INTEGER NOT NULL, "
              "ends INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT"},
};

static const char *const query_texts[QUERY_COUNT] = {
    [QUERY_BEGIN_READ] = "BEGIN",
    [QUERY_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [QUERY_COMMIT] = "COMMIT",
    [QUERY_ROLLBACK] = "ROLLBACK",
    [QUERY_META] = "SELECT revision, last_lease, boot, sum FROM meta WHERE id = 1",
    [QUERY_META_SET] = "REPLACE INTO meta VALUES(1, ?1, ?2, ?3, ?4)",
    [QUERY_RECORD_REVISION] = ("SELECT name, value, revision, lease, sum FROM record "
                               "WHERE name = ?1"),
    [QUERY_RECORD_PUT] = "REPLACE INTO record VALUES(?1, ?2, ?3, ?4, ?5)",
    [QUERY_RECORD_REMOVE] = "DELETE FROM record WHERE name = ?1",
    /* No name has an octet from 0x7f on, which so ends the range of a prefix. */
    [QUERY_RECORDS] = ("SELECT name, value, revision, lease, sum FROM record "
                       "WHERE name >= ?1 AND name < ?1 || x'7f' ORDER BY name"),
    [QUERY_CHANGES] = ("SELECT l.name, r.value, r.revision, r.lease, r.sum, l.revision, l.sum "
                       "FROM log l LEFT JOIN record r ON r.name = l.name "
                       "WHERE l.revision > ?2 AND l.name >= ?1 AND l.name < ?1 || x'7f' "
                       "ORDER BY l.name, l.revision DESC"),
    [QUERY_LOG_PUT] = "REPLACE INTO log VALUES(?1, ?2, ?3)",
    [QUERY_LOG_TRIM] = "DELETE FROM log WHERE revision <= ?1",
    [QUERY_LEASES] = "SELECT id, ttl, ends, sum FROM lease ORDER BY id",
    [QUERY_LEASE_PUT] = "REPLACE INTO lease VALUES(?1, ?2, ?3, ?4)",
    [QUERY_LEASE_REMOVE] = "DELETE FROM lease WHERE id = ?1",
    [QUERY_LEASE_RECORD] = "SELECT name FROM record WHERE lease = ?1 AND lease > 0 LIMIT 1",
};

/* --- making it -------------------------------------------------------------------------------- */

static int
run_text(sqlite3 *db, const char *sql)
{
	return sqlite_error(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

/* What an empty store is, the caller's to sqlite3_free. */
static int
make_image(uint64_t revision, uint8_t **ret_image, size_t *ret_n)
{
	sqlite3 *db = NULL;
	sqlite3_int64 n = 0;
	uint8_t *image = NULL;
	/* Leases, too, have other numbers than those of a file that was there before. */
	char *meta = sqlite3_mprintf("INSERT INTO meta VALUES(1, %lld, %lld, '', %lld)",
	                             (sqlite3_int64)revision, (sqlite3_int64)revision,
	                             SQLITE_SUM(SPAN("", 0), SPAN("", 0), revision, revision));
	int error = sqlite_error(
	    NULL, sqlite3_open_v2(":memory:", &db,
	                          SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
	                          NULL));

	if (!error)
		error = run_text(
		    db, "PRAGMA page_size = " NUMBER(
			    PAGE) "; PRAGMA encoding = 'UTF-8';"
				  "PRAGMA application_id = " NUMBER(
				      APPLICATION) ";"
						   "PRAGMA user_version = " NUMBER(VERSION));
	for (size_t i = 0; i < ARRAY_SIZE(tables) && !error; i++)
		error = run_text(db, tables[i].sql);
	if (!error)
		error = meta ? run_text(db, meta) : -ENOMEM;
	if (!error)
		image = sqlite3_serialize(db, "main", &n, 0);
	if (!error && !image)
		error = -ENOMEM;
	if (!error) {
		image[MODE_AT] = image[MODE_AT + 1] = 2;
		*ret_image = image;
		*ret_n = (size_t)n;
	}
	sqlite3_free(meta);
	sqlite3_close(db);
	return error;
}

static int
write_whole(int fd, const uint8_t *p, size_t n)
{
	while (n) {
		ssize_t some = write(fd, p, n);

		if (some < 0 && errno == EINTR)
			continue;
		if (some < 0)
			return -errno;
		p += some;
		n -= (size_t)some;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

static int
sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), error = 0;

	if (fd < 0)
		return -errno;
	if (fsync(fd) < 0 && errno != EINVAL)
		error = -errno;
	close(fd);
	return error;
}

/* Under a name of its own first; it gets the right one when all of it is there. */
static int
place_image(const char *folder, const char *path, const uint8_t *image, size_t n)
{
	char *temporary = x_asprintf("%s.XXXXXX", path);
	int fd = mkostemp(temporary, O_CLOEXEC), error; /* 0600 */

	if (fd < 0) {
		error = -errno;
		free(temporary);
		return error;
	}
	error = write_whole(fd, image, n);
	close(fd);
	if (!error && link(temporary, path) < 0 && errno != EEXIST) /* another process was first */
		error = -errno;
	if (unlink(temporary) < 0 && !error)
		error = -errno;
	free(temporary);
	return error == -EFBIG || error == -EDQUOT ? -ENOSPC : error ? error : sync_folder(folder);
}

static int
make_file(const char *folder, const char *path, uint64_t revision)
{
	uint8_t *image;
	size_t n;
	int error = make_image(revision, &image, &n);

	if (error)
		return error;
	error = place_image(folder, path, image, n);
	sqlite3_free(image);
	return error;
}

/* --- before it is opened ---------------------------------------------------------------------- */

/* The path without a link in its folders, which the library refuses; the caller's to free. */
static int
resolve_path(const char *path, char **ret_folder, char **ret_path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char *folder = slash ? x_asprintf("%.*s", (int)(slash - path) + 1, path) : x_strdup(".");
	char *real = realpath(folder, NULL);
	int error = errno;

	free(folder);
	if (!real)
		return error ? -error : -ENOENT;
	if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
		free(real);
		return -EISDIR;
	}
	*ret_folder = real;
	*ret_path = x_asprintf("%s/%s", strcmp(real, "/") == 0 ? "" : real, name);
	return 0;
}

/* A plain file whose permissions are no more than 0600, afterwards at least. */
static int
guard_file(const char *path, struct stat *st)
{
	int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC), error = 0;
	char self[32];

	if (fd < 0)
		return -errno;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	if (fstat(fd, st) < 0) {
		error = -errno;
		close(fd);
		return error;
	}
	if (S_ISLNK(st->st_mode))
		error = -ELOOP;
	else if (!S_ISREG(st->st_mode))
		error = -EINVAL;
	else if (st->st_mode & 077 && chmod(self, 0600) < 0)
		error = -errno;
	close(fd);
	return error;
}

static const char *const suffixes[] = {"-wal", "-shm", "-journal"};

static int
guard_beside(const char *path)
{
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(suffixes) && !error; i++) {
		char *beside = x_asprintf("%s%s", path, suffixes[i]);
		struct stat st;

		error = guard_file(beside, &st);
		if (error == -ENOENT)
			error = 0;
		free(beside);
	}
	return error;
}

/* Does something stand beside it? */
static bool
has_beside(const char *path)
{
	bool some = false;

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		char *beside = x_asprintf("%s%s", path, suffixes[i]);

		some |= faccessat(AT_FDCWD, beside, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
		free(beside);
	}
	return some;
}

static int
remove_beside(const char *path)
{
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(suffixes) && !error; i++) {
		char *beside = x_asprintf("%s%s", path, suffixes[i]);

		if (unlink(beside) < 0 && errno != ENOENT)
			error = -errno;
		free(beside);
	}
	return error;
}

/* The library would open what it may not write, and fail later without the reason. */
static int
may_write(const char *path, int more)
{
	return faccessat(AT_FDCWD, path, W_OK | more, AT_EACCESS) < 0 ? -errno : 0;
}

/*
 * Makes others wait who look at the files of this folder, or make some: one that was not there when
 * it was looked for may be there, and in use, when what stands beside it is removed. A descriptor
 * to be closed, or -errno: -EBUSY after BUSY_WAIT.
 */
static int
lock_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	for (int i = 0; flock(fd, LOCK_EX | LOCK_NB); i++) {
		int error = errno == EWOULDBLOCK ? EBUSY : errno;

		if (error != EINTR && (error != EBUSY || i == BUSY_WAIT / LOCK_PAUSE)) {
			close(fd);
			return -error;
		}
		usleep(LOCK_PAUSE * 1000);
	}
	return fd;
}

/* The folder is locked. */
static int
guard_all(const char *folder, const char *path, uint64_t revision)
{
	struct stat st = {0};
	/*
	 * Looked at first: what stands there before there is a file is of one that is gone, and the
	 * library would carry it over into the new one.
	 */
	const bool left = has_beside(path);
	int error = guard_file(path, &st);

	if (error == -ENOENT) {
		error = left ? remove_beside(path) : 0;
		if (!error)
			error = make_file(folder, path, revision);
		if (!error)
			error = guard_file(path, &st);
	}
	if (!error && (!st.st_size || st.st_size > STORE_FILE_MAX))
		error = -STORE_TORN; /* we never leave an empty one */
	if (!error)
		error = may_write(folder, X_OK);
	if (!error)
		error = may_write(path, R_OK);
	return error ? error : guard_beside(path);
}

/* --- what it is ------------------------------------------------------------------------------- */

static int
lock_down(sqlite3 *db)
{
	static const struct {
		int what, on;
	} switches[] = {
	    {SQLITE_DBCONFIG_DEFENSIVE, 1},
	    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
	    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
	    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
	    {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
	    {SQLITE_DBCONFIG_DQS_DML, 0},
	    {SQLITE_DBCONFIG_DQS_DDL, 0},
	};
	int code = SQLITE_OK;

	for (size_t i = 0; i < ARRAY_SIZE(switches) && code == SQLITE_OK; i++)
		code = sqlite3_db_config(db, switches[i].what, switches[i].on, NULL);
	/* A whole record, its name and its numbers. */
	sqlite3_limit(db, SQLITE_LIMIT_LENGTH,
	              STORE_VALUE_MAX + STORE_ROOM_MAX + STORE_NAME_MAX + 256);
	sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, 4096);
	sqlite3_limit(db, SQLITE_LIMIT_COLUMN, 16);
	sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_limit(db, SQLITE_LIMIT_WORKER_THREADS, 0);
	sqlite3_busy_timeout(db, BUSY_WAIT);
	return sqlite_error(db, code);
}

/* The first column of the first row, as text; false: it is another. */
static int
ask_text(sqlite3 *db, const char *sql, const char *want, bool *ret_same)
{
	sqlite3_stmt *q = NULL;
	int code = sqlite3_prepare_v2(db, sql, -1, &q, NULL);
	const char *got = NULL;

	if (code == SQLITE_OK)
		code = sqlite3_step(q);
	if (code == SQLITE_ROW)
		got = (const char *)sqlite3_column_text(q, 0);
	*ret_same = got && strcmp(got, want) == 0;
	sqlite3_finalize(q);
	return sqlite_error(db, code);
}

static int
ask_number(sqlite3 *db, const char *sql, int64_t *ret)
{
	sqlite3_stmt *q = NULL;
	int code = sqlite3_prepare_v2(db, sql, -1, &q, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(q);
	*ret = code == SQLITE_ROW ? sqlite3_column_int64(q, 0) : 0;
	sqlite3_finalize(q);
	return sqlite_error(db, code);
}

static int
check_version(sqlite3 *db)
{
	int64_t application, version;
	int error = ask_number(db, "PRAGMA application_id", &application);

	if (!error)
		error = ask_number(db, "PRAGMA user_version", &version);
	if (error)
		return error;
	if (application != APPLICATION || version < 1)
		return -STORE_TORN;
	return version > VERSION ? -STORE_NEWER : 0;
}

/* The tables are ours, and there is nothing else. */
static int
check_tables(sqlite3 *db)
{
	int64_t all;
	int error = ask_number(db, "SELECT count(*) FROM sqlite_schema", &all);

	if (!error && all != ARRAY_SIZE(tables))
		error = -STORE_TORN;
	for (size_t i = 0; i < ARRAY_SIZE(tables) && !error; i++) {
		char *sql = sqlite3_mprintf("SELECT sql FROM sqlite_schema WHERE name = %Q",
		                            tables[i].name);
		bool same = false;

		error = sql ? ask_text(db, sql, tables[i].sql, &same) : -ENOMEM;
		if (!error && !same)
			error = -STORE_TORN;
		sqlite3_free(sql);
	}
	return error;
}

static int
check_text(sqlite3 *db, const char *sql, const char *want, int otherwise)
{
	bool same;
	int error = ask_text(db, sql, want, &same);

	return error ? error : same ? 0 : otherwise;
}

static int
check_file(sqlite3 *db)
{
	int error = check_version(db);

	if (!error)
		error = check_tables(db);
	if (!error) /* its time is bounded by STORE_FILE_MAX */
		error = check_text(db, "PRAGMA quick_check(1)", "ok", -STORE_TORN);
	if (!error)
		error = check_text(db, "PRAGMA journal_mode = WAL", "wal", -ENOTSUP);
	return error;
}

static int
set_up(sqlite3 *db)
{
	int64_t pages = 0, size = 0;
	char *limit;
	int error = lock_down(db);

	if (!error)
		error = run_text(db, "PRAGMA synchronous = FULL; PRAGMA cell_size_check = ON;"
		                     "PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY;"
		                     "PRAGMA secure_delete = ON; PRAGMA cache_size = -4096;"
		                     "PRAGMA journal_size_limit = 4194304");
	if (!error)
		error = ask_number(db, "PRAGMA page_size", &size);
	if (!error && (size < 512 || size > 65536))
		error = -STORE_TORN;
	if (error)
		return error;
	limit = sqlite3_mprintf("PRAGMA max_page_count = %lld", STORE_FILE_MAX / size);
	error = limit ? ask_number(db, limit, &pages) : -ENOMEM;
	sqlite3_free(limit);
	return error ? error : check_file(db);
}

int
sqlite_file_id(const char *path, struct sqlite_id *ret)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return -errno;
	*ret = (struct sqlite_id){.device = st.st_dev, .inode = st.st_ino};
	return 0;
}

/*
 * What stands there before it is opened and afterwards: of a file that was exchanged meanwhile
 * nobody knows which one the library has.
 */
static int
open_library(const char *path, sqlite3 **ret, struct sqlite_id *ret_id)
{
	struct sqlite_id after;
	int error = sqlite_file_id(path, ret_id), code;

	if (error)
		return error;
	errno = 0;
	code = sqlite3_open_v2(path, ret,
	                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW |
	                           SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE,
	                       NULL);
	error = sqlite_error(*ret, code);
	if (!error)
		error = sqlite_file_id(path, &after);
	if (!error && (after.device != ret_id->device || after.inode != ret_id->inode))
		error = -STORE_MOVED;
	return error;
}

int
sqlite_file_open(const char *path, uint64_t revision, sqlite3 **ret, struct sqlite_id *ret_id)
{
	char *folder = NULL, *real = NULL;
	sqlite3 *db = NULL;
	int error = resolve_path(path, &folder, &real), lock;

	if (!real)
		return error;
	lock = lock_folder(folder);
	error = lock < 0 ? lock : guard_all(folder, real, revision);
	if (lock >= 0)
		close(lock);
	if (!error)
		error = open_library(real, &db, ret_id);
	if (!error)
		error = set_up(db);
	free(folder);
	free(real);
	if (error) {
		sqlite3_close(db);
		return error;
	}
	*ret = db;
	return 0;
}

int
sqlite_file_prepare(sqlite3 *db, sqlite3_stmt *queries[static QUERY_COUNT])
{
	int code = SQLITE_OK;

	for (int i = 0; i < QUERY_COUNT && code == SQLITE_OK; i++)
		code = sqlite3_prepare_v3(db, query_texts[i], -1, SQLITE_PREPARE_PERSISTENT,
		                          &queries[i], NULL);
	return sqlite_error(db, code);
}
