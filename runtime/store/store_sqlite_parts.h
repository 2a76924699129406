/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the store of SQLite only: its file (store_sqlite_file.c), its rows (store_sqlite_row.c).
 */
#ifndef TESTUDO_STORE_SQLITE_PARTS_H
#define TESTUDO_STORE_SQLITE_PARTS_H

#include <sqlite3.h>

#include "runtime/store/store_parts.h"

#define SQLITE_BOOT_MAX 64 /* octets of the name of the machine's run */

enum sqlite_query {
	QUERY_BEGIN_READ,
	QUERY_BEGIN_WRITE,
	QUERY_COMMIT,
	QUERY_ROLLBACK,
	QUERY_META,
	QUERY_META_SET,
	QUERY_RECORD_REVISION,
	QUERY_RECORD_PUT,
	QUERY_RECORD_REMOVE,
	QUERY_RECORDS,
	QUERY_CHANGES,
	QUERY_LOG_PUT,
	QUERY_LOG_TRIM,
	QUERY_LEASES,
	QUERY_LEASE_PUT,
	QUERY_LEASE_REMOVE,
	QUERY_LEASE_RECORD,
	QUERY_COUNT
};

struct sqlite_meta {
	uint64_t revision, last_lease;
	char boot[SQLITE_BOOT_MAX];
};

/* -errno of what the library said last, errno at hand; 0 when that is no error. */
int sqlite_error(sqlite3 *db, int code);

/* Which file it is, whatever its name. */
struct sqlite_id {
	uint64_t device, inode;
};
int sqlite_file_id(const char *path, struct sqlite_id *ret);

/* Opens and checks the file; when it is not there, one is made that begins at this revision. */
int sqlite_file_open(const char *path, uint64_t revision, sqlite3 **ret, struct sqlite_id *ret_id);
int sqlite_file_prepare(sqlite3 *db, sqlite3_stmt *queries[static QUERY_COUNT]);

/* FNV-1a, 64 bits: whatever one octet becomes, the sum is another. Then the numbers. */
int64_t sqlite_row_sum(struct span name, struct span value, const uint64_t *numbers, size_t n);
#define SQLITE_SUM(name, value, ...)                                                               \
	sqlite_row_sum(name, value, (const uint64_t[]){__VA_ARGS__},                               \
	               ARRAY_SIZE(((const uint64_t[]){__VA_ARGS__})))

/* Columns of a row, not trusted: false when it is not of the type, or over its limit. */
bool sqlite_row_number(sqlite3_stmt *q, int column, uint64_t *ret);
bool sqlite_row_name(sqlite3_stmt *q, int column, struct span *ret); /* ended by a 0 */
bool sqlite_row_value(sqlite3_stmt *q, int column, struct span *ret);
bool sqlite_row_sum_is(sqlite3_stmt *q, int column, int64_t sum);

#endif
