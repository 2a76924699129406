/* SPDX-License-Identifier: Apache-2.0 */
/* What comes out of the library, held against the limits: see store_sqlite_parts.h. */
#include "runtime/store/store_sqlite_parts.h"

#include <errno.h>

static uint64_t
add_octets(uint64_t sum, const void *p, size_t n)
{
	const uint8_t *octets = p;

	for (size_t i = 0; i < n; i++)
		sum = (sum ^ octets[i]) * 0x100000001b3u;
	return sum;
}

static uint64_t
add_number(uint64_t sum, uint64_t number)
{
	uint8_t octets[8];

	for (int i = 0; i < 8; i++)
		octets[i] = (uint8_t)(number >> 8 * i);
	return add_octets(sum, octets, sizeof(octets));
}

int64_t
sqlite_row_sum(struct span name, struct span value, const uint64_t *numbers, size_t n)
{
	uint64_t sum = add_number(0xcbf29ce484222325u, name.n);

	sum = add_octets(sum, name.p, name.n);
	sum = add_octets(sum, value.p, value.n);
	for (size_t i = 0; i < n; i++)
		sum = add_number(sum, numbers[i]);
	return (int64_t)sum;
}

bool
sqlite_row_number(sqlite3_stmt *q, int column, uint64_t *ret)
{
	int64_t number;

	if (sqlite3_column_type(q, column) != SQLITE_INTEGER)
		return false;
	number = sqlite3_column_int64(q, column);
	if (number < 0)
		return false;
	*ret = (uint64_t)number;
	return true;
}

bool
sqlite_row_name(sqlite3_stmt *q, int column, struct span *ret)
{
	const char *name;
	size_t n;

	if (sqlite3_column_type(q, column) != SQLITE_TEXT)
		return false;
	name = (const char *)sqlite3_column_text(q, column);
	n = (size_t)sqlite3_column_bytes(q, column);
	if (!name || !store_name_valid(name, n))
		return false;
	*ret = SPAN(name, n);
	return true;
}

bool
sqlite_row_value(sqlite3_stmt *q, int column, struct span *ret)
{
	size_t n;

	if (sqlite3_column_type(q, column) != SQLITE_BLOB)
		return false;
	n = (size_t)sqlite3_column_bytes(q, column);
	if (n > STORE_VALUE_MAX + STORE_ROOM_MAX)
		return false;
	*ret = SPAN(n ? sqlite3_column_blob(q, column) : "", n);
	return ret->p != NULL;
}

bool
sqlite_row_sum_is(sqlite3_stmt *q, int column, int64_t sum)
{
	return sqlite3_column_type(q, column) == SQLITE_INTEGER &&
	       sqlite3_column_int64(q, column) == sum;
}

/*
 * The library keeps the system's error of some calls; of a COMMIT it leaves it in errno, where also
 * one may stand that was overcome. So of those only are believed that say what is to be done.
 */
static int
system_error(sqlite3 *db, int left, int otherwise)
{
	int error = db ? sqlite3_system_errno(db) : 0;

	switch (error ? error : left) {
	case ENOSPC:
	case EDQUOT: /* no more room for this user, or for this process */
	case EFBIG:
		return -ENOSPC;
	case EROFS:
		return -EROFS;
	case EACCES:
	case EPERM:
		return -EACCES;
	case EMFILE:
	case ENFILE:
		return -EMFILE;
	default:
		return -otherwise;
	}
}

int
sqlite_error(sqlite3 *db, int code)
{
	int left = errno;

	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
		return -EBUSY;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_IOERR:
		return system_error(db, left, EIO);
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return system_error(db, left, EACCES);
	default: /* CORRUPT, NOTADB, TOOBIG; and our own statements fail for a wrong file only */
		return -STORE_TORN;
	}
}
