/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store of each kind: commits a second, one record each, beside a bare write with fdatasync on
 * the same disk; and records read a second when there are 100 000. The folder is the first
 * argument, or the current one: in memory fdatasync is nothing.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/crypto/random.h"
#include "runtime/store/store_memory.h"
#include "runtime/store/store_sealed.h"
#include "runtime/store/store_sqlite.h"

#define COMMITS      500
#define RECORDS      100000
#define IN_ONE       1000 /* records in one transaction, while they are put in */
#define VALUE        200
#define TARGET_RATIO 0.2

static uint8_t value[VALUE];
static char folder[256], path[300];

static double
clock_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
remove_files(void)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		char one[310];

		snprintf(one, sizeof(one), "%s%s", path, suffixes[i]);
		unlink(one);
	}
}

/* A second's worth of a page that is appended and synchronised. */
static double
bare_rate(void)
{
	static uint8_t page[4096];
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	double began = clock_seconds();

	for (int i = 0; i < COMMITS; i++)
		if (fd < 0 || write(fd, page, sizeof(page)) < 0 || fdatasync(fd))
			exit(1);
	began = clock_seconds() - began;
	close(fd);
	unlink(path);
	return COMMITS / began;
}

static struct store *
open_kind(bool file, bool sealed)
{
	struct secret key;
	struct store *s = NULL;
	int error = 0;

	secret_init(&key, STORE_KEY);
	if (file)
		error = store_sqlite_open(path, &s);
	else
		s = store_memory_new();
	if (!error && sealed)
		error = store_sealed_new(s, &key, &s);
	secret_fini(&key);
	if (error) {
		fprintf(stderr, "%s: %s\n", path, store_error_text(error));
		exit(1);
	}
	return s;
}

/* n records from the number `first` on, in one transaction. */
static void
put_records(struct store *s, unsigned first, unsigned n)
{
	static char names[IN_ONE][32];
	static struct store_write writes[IN_ONE];
	struct store_txn txn = {.n_writes = n, .writes = writes};
	int error;

	for (unsigned i = 0; i < n; i++) {
		snprintf(names[i], sizeof(names[i]), "gdoi/group/member/%06u", first + i);
		writes[i] = (struct store_write){.name = names[i], .value = SPAN(value, VALUE)};
	}
	error = s->ops->commit(s, &txn, NULL);
	if (error) {
		fprintf(stderr, "commit: %s\n", store_error_text(error));
		exit(1);
	}
}

static double
commit_rate(struct store *s)
{
	double began = clock_seconds();

	for (unsigned i = 0; i < COMMITS; i++)
		put_records(s, i % 100, 1);
	return COMMITS / (clock_seconds() - began);
}

static bool
count_record(void *arg, const struct store_record *r)
{
	*(unsigned *)arg += r->value.n == VALUE;
	return true;
}

static double
read_rate(struct store *s)
{
	double began;
	unsigned n = 0;

	for (unsigned i = 0; i < RECORDS; i += IN_ONE)
		put_records(s, i, IN_ONE);
	began = clock_seconds();
	if (s->ops->read(s, "", count_record, &n, NULL) || n != RECORDS)
		exit(1);
	return RECORDS / (clock_seconds() - began);
}

/* The commits of this kind beside bare ones. */
static double
measure_kind(const char *name, bool file, bool sealed, double bare)
{
	struct store *s = open_kind(file, sealed);
	double commits = commit_rate(s), reads = read_rate(s), began;

	store_close(s);
	began = clock_seconds();
	store_close(open_kind(file, sealed));
	began = clock_seconds() - began;
	printf("%-13s %9.0f commits/s, %5.2f of fdatasync; %9.0f records/s read", name, commits,
	       commits / bare, reads);
	if (file)
		printf("; opened in %.0f ms", began * 1e3);
	printf("\n");
	remove_files();
	return commits / bare;
}

int
main(int argc, char **argv)
{
	double bare, ratio, sealed;

	crypto_init();
	crypto_random(value, sizeof(value));
	snprintf(folder, sizeof(folder), "%s/bench-store.XXXXXX", argc > 1 ? argv[1] : ".");
	if (!mkdtemp(folder)) {
		perror(folder);
		return 1;
	}
	snprintf(path, sizeof(path), "%s/s", folder);
	bare = bare_rate();
	printf("%-13s %9.0f writes/s\n", "fdatasync", bare);
	measure_kind("memory", false, false, bare);
	measure_kind("sealed memory", false, true, bare);
	ratio = measure_kind("file", true, false, bare);
	sealed = measure_kind("sealed file", true, true, bare);
	rmdir(folder);
	ratio = sealed < ratio ? sealed : ratio;
	printf("%s\n", ratio > TARGET_RATIO ? "within the targets" : "NOT within the targets");
	return !(ratio > TARGET_RATIO);
}
