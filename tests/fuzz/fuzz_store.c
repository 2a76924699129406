/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of a store, as it lies on a disk that anybody may have written. The first octet says
 * what the rest is: the whole file; changes to a right one, four octets each (where, and the octet
 * that is put there; where it is cut, when that is 255 for an octet 255); or a record's columns
 * with their right sum, so that what stands behind the sum is reached. It is then opened, read,
 * also through a seal, and written.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/store/store_memory.h"
#include "runtime/store/store_parts.h"
#include "runtime/store/store_sealed.h"
#include "runtime/store/store_sqlite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static char folder[64], path[80];
static uint8_t *right; /* a file as it should be */
static size_t right_n;

static void
remove_files(void)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		char one[96];

		snprintf(one, sizeof(one), "%s%s", path, suffixes[i]);
		unlink(one);
	}
}

static void
remove_folder(void)
{
	remove_files();
	rmdir(folder);
	free(right);
}

static void
write_file(const uint8_t *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, p, n) != (ssize_t)n)
		abort();
	close(fd);
}

static int
put_value(struct store *s, const char *name, const uint8_t *p, size_t n, uint64_t lease)
{
	struct store_write w = {.name = name, .value = SPAN(p, n), .lease = lease};
	struct store_txn txn = {.n_writes = 1, .writes = &w};

	return s->ops->commit(s, &txn, NULL);
}

static void
fill_store(struct store *s)
{
	static const uint8_t value[5000] = {1, 2, 3};
	uint64_t lease;
	char name[16];

	if (s->ops->lease_begin(s, 1000000, &lease))
		abort();
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "n/%d", i);
		if (put_value(s, name, value, i == 20 ? sizeof(value) : 30, i % 8 ? 0 : lease))
			abort();
	}
	if (put_value(s, "n/3", NULL, 0, 0))
		abort();
}

static void
make_right(void)
{
	struct store *s;
	struct stat st;
	int fd;

	snprintf(folder, sizeof(folder), "%s/testudo-fuzz.XXXXXX",
	         access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (!mkdtemp(folder))
		abort();
	snprintf(path, sizeof(path), "%s/s", folder);
	atexit(remove_folder);
	if (store_sqlite_open(path, &s))
		abort();
	fill_store(s);
	store_close(s);
	fd = open(path, O_RDONLY);
	if (fd < 0 || fstat(fd, &st))
		abort();
	right_n = (size_t)st.st_size;
	right = x_alloc(right_n);
	if (read(fd, right, right_n) != (ssize_t)right_n)
		abort();
	close(fd);
}

/* What comes out is within the limits, or it does not come out. */
static bool
look_at(void *arg, const struct store_record *r)
{
	char *last = arg;

	if (!store_name_valid(r->name, strlen(r->name)) || strcmp(r->name, last) <= 0 ||
	    r->value.n > STORE_VALUE_MAX + STORE_ROOM_MAX || (r->value.n && !r->value.p))
		abort();
	for (size_t i = 0; i < r->value.n; i++) /* all of it is there */
		*(volatile char *)&last[STORE_NAME_MAX + 1] = (char)r->value.p[i];
	strcpy(last, r->name);
	return true;
}

static void
use_store(struct store *s)
{
	char last[STORE_NAME_MAX + 2] = "";
	uint64_t lease, revision = 0;

	s->ops->read(s, "", look_at, last, &revision);
	*last = '\0';
	s->ops->changes(s, "n/", revision ? revision - 1 : 0, 0, look_at, last, NULL);
	*last = '\0';
	s->ops->changes(s, "", 1, 0, look_at, last, NULL);
	put_value(s, "n/new", (const uint8_t *)"x", 1, 0);
	put_value(s, "n/20", NULL, 0, 0);
	s->ops->lease_keep(s, 1);
	s->ops->lease_end(s, 1);
	if (!s->ops->lease_begin(s, 1, &lease))
		put_value(s, "n/30", (const uint8_t *)"y", 1, lease);
	*last = '\0';
	s->ops->read(s, "n", look_at, last, NULL);
}

static void
open_store(void)
{
	uint8_t octets[STORE_KEY] = {1};
	struct secret key = {.p = octets, .n = sizeof(octets)};
	struct store *s;

	if (store_sqlite_open(path, &s) == 0) {
		use_store(s);
		store_close(s);
	}
	if (store_sqlite_open(path, &s) == 0 && store_sealed_new(s, &key, &s) == 0) {
		use_store(s);
		store_close(s);
	}
}

static void
change_right(const uint8_t *data, size_t n)
{
	uint8_t *p = x_memdup(right, right_n);
	size_t left = right_n;

	for (; n >= 4; data += 4, n -= 4) {
		size_t at = ((size_t)data[0] << 16 | (size_t)data[1] << 8 | data[2]) % right_n;

		if (data[0] == 255 && data[3] == 255)
			left = at;
		else
			p[at] = data[3];
	}
	write_file(p, left);
	free(p);
}

/* The sum as the store makes it. */
static int64_t
sum_octets(const void *name, size_t name_n, const void *value, size_t value_n,
           const uint64_t *numbers)
{
	uint64_t sum = 0xcbf29ce484222325u, n = name_n;
	struct span spans[] = {SPAN(&n, 8), SPAN(name, name_n), SPAN(value, value_n),
	                       SPAN(numbers, 16)}; /* low octets first, as this machine has them */

	for (size_t i = 0; i < ARRAY_SIZE(spans); i++)
		for (size_t j = 0; j < spans[i].n; j++)
			sum = (sum ^ spans[i].p[j]) * 0x100000001b3u;
	return (int64_t)sum;
}

/* revision 2, lease 1, octets of the name 1, name, value. */
static void
put_row(const uint8_t *data, size_t n)
{
	uint64_t numbers[2];
	size_t name_n;
	sqlite3_stmt *q;
	sqlite3 *db;

	write_file(right, right_n);
	if (n < 4)
		return;
	numbers[0] = (uint64_t)(int16_t)(data[0] << 8 | data[1]);
	numbers[1] = (uint64_t)(int8_t)data[2];
	name_n = data[3] < n - 4 ? data[3] : n - 4;
	data += 4;
	n -= 4 + name_n;
	if (sqlite3_open(path, &db) ||
	    sqlite3_prepare_v2(db, "REPLACE INTO record VALUES(?, ?, ?, ?, ?)", -1, &q, NULL))
		abort();
	sqlite3_bind_text(q, 1, (const char *)data, (int)name_n, SQLITE_STATIC);
	sqlite3_bind_blob(q, 2, n ? (const char *)data + name_n : "", (int)n, SQLITE_STATIC);
	sqlite3_bind_int64(q, 3, (int64_t)numbers[0]);
	sqlite3_bind_int64(q, 4, (int64_t)numbers[1]);
	sqlite3_bind_int64(q, 5, sum_octets(data, name_n, data + name_n, n, numbers));
	sqlite3_step(q);
	sqlite3_finalize(q);
	sqlite3_close(db);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (!right)
		make_right();
	remove_files();
	if (!n)
		write_file(data, n);
	else if (data[0] % 8 == 0)
		write_file(data + 1, n - 1);
	else if (data[0] % 8 < 3)
		put_row(data + 1, n - 1);
	else
		change_right(data + 1, n - 1);
	open_store();
	return 0;
}
