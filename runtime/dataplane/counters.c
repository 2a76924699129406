/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counters of keys: see counters.h. The file is text, written whole beside itself and renamed:
 *
 *   testudo counters 1
 *   00001000 9f86d081884c7d659a2feaa0c55ad015 65536
 *   end
 *
 * The heading's 0 in place of 1: there was a file that could not be read, or there were more keys
 * than are remembered, so a key that is not here may have been used. Then SPI, fingerprint, and the
 * last number that may have been used. The one last used stands last. Without its end it is not
 * whole.
 */
#define _GNU_SOURCE
#include "runtime/dataplane/counters.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/crypto/prf.h"

#define HEADING      "testudo counters "
#define END          "end\n"
#define FINGERPRINT  16 /* octets of a SHA-256 */
#define LINE_MAX_    80
#define LINES_MAX    65536 /* more keys than all groups together have */
#define LOG_INTERVAL SECONDS(60)
#define RETRY        100 /* ms from a failure to write to the next attempt */

struct counter {
	struct counter *next; /* the one last used is last */
	uint32_t spi;
	uint8_t fingerprint[FINGERPRINT];
	uint32_t limit; /* the last number that may have been used */
	unsigned holders;
};

struct counters {
	char *path; /* NULL: memory */
	bool complete;
	bool changed; /* against the file */
	const struct log_sink *log;
	struct counter *first;
	msec noted;  /* in the log */
	msec failed; /* when a block could last not be written */
};

/* --- the file --------------------------------------------------------------------------------- */

static struct counter *
append_counter(struct counters *c, struct counter *k)
{
	struct counter **at = &c->first;

	while (*at)
		at = &(*at)->next;
	*at = k;
	k->next = NULL;
	return k;
}

static bool
parse_fingerprint(const char *hex, uint8_t out[FINGERPRINT])
{
	if (strspn(hex, "0123456789abcdef") != 2 * FINGERPRINT)
		return false;
	for (size_t i = 0; i < FINGERPRINT; i++) {
		char two[3] = {hex[2 * i], hex[2 * i + 1], 0};

		out[i] = (uint8_t)strtoul(two, NULL, 16);
	}
	return true;
}

static bool
parse_heading(const char *line, bool *ret_complete)
{
	bool complete = !strcmp(line, HEADING "1\n");

	if (!complete && strcmp(line, HEADING "0\n") != 0)
		return false;
	*ret_complete = complete;
	return true;
}

static bool
parse_counter(const char *line, struct counter *ret)
{
	char spi[9], fingerprint[2 * FINGERPRINT + 1], limit[11];
	int end = 0;

	*ret = (struct counter){0};
	if (sscanf(line, "%8[0-9a-f] %32s %10[0-9]%n", spi, fingerprint, limit, &end) != 3 ||
	    strcmp(line + end, "\n") != 0)
		return false;
	ret->spi = (uint32_t)strtoul(spi, NULL, 16);
	ret->limit = (uint32_t)strtoul(limit, NULL, 10);
	return parse_fingerprint(fingerprint, ret->fingerprint);
}

static bool
read_lines(struct counters *c, FILE *f)
{
	char line[LINE_MAX_];
	struct counter k;
	size_t n = 0;

	if (!fgets(line, sizeof(line), f) || !parse_heading(line, &c->complete))
		return false;
	while (fgets(line, sizeof(line), f)) {
		if (!strcmp(line, END))
			return fgetc(f) == EOF && !ferror(f);
		if (!parse_counter(line, &k) || n++ == LINES_MAX)
			return false;
		append_counter(c, x_memdup(&k, sizeof(k)));
	}
	return false;
}

/* What is not there was never written: nothing was sent. What is there must be whole. */
static bool
read_file(struct counters *c)
{
	FILE *f = fopen(c->path, "re");
	bool good;

	if (!f)
		return errno == ENOENT;
	good = read_lines(c, f);
	fclose(f);
	return good;
}

static bool
write_all(const struct counters *c, int fd)
{
	FILE *f = fdopen(fd, "w");
	bool good;

	if (!f) {
		close(fd);
		return false;
	}
	fprintf(f, HEADING "%d\n", c->complete);
	for (const struct counter *k = c->first; k; k = k->next) {
		fprintf(f, "%08" PRIx32 " ", k->spi);
		for (size_t i = 0; i < FINGERPRINT; i++)
			fprintf(f, "%02x", k->fingerprint[i]);
		fprintf(f, " %" PRIu32 "\n", k->limit);
	}
	fputs(END, f);
	good = !ferror(f) && !fflush(f) && !fsync(fileno(f));
	return !fclose(f) && good;
}

/* The new name must be on the disk too. */
static bool
sync_folder(const char *path)
{
	char *folder = x_strdup(path), *slash = strrchr(folder, '/');
	bool good;
	int fd;

	if (slash)
		slash[slash == folder] = '\0';
	fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	good = fd >= 0 && !fsync(fd);
	if (fd >= 0)
		close(fd);
	free(folder);
	return good;
}

static bool
save_file(struct counters *c)
{
	char *beside;
	bool good = false;
	int fd;

	if (!c->path)
		return true;
	beside = x_asprintf("%s.new", c->path);
	unlink(beside);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0)
		good = write_all(c, fd) && !rename(beside, c->path) && sync_folder(c->path);
	if (fd >= 0 && !good)
		unlink(beside);
	free(beside);
	if (good)
		c->changed = false;
	return good;
}

/* --- birth and death -------------------------------------------------------------------------- */

static void
forget_all(struct counters *c)
{
	struct counter *k;

	while ((k = c->first)) {
		c->first = k->next;
		free(k);
	}
}

struct counters *
counters_new(const char *path, bool complete, const struct log_sink *log)
{
	struct counters *c = x_alloc(sizeof(*c));

	c->path = path ? x_strdup(path) : NULL;
	c->complete = complete || path;
	c->log = log;
	c->noted = -LOG_INTERVAL;
	c->failed = -RETRY;
	if (path && !read_file(c)) {
		forget_all(c);
		c->complete = false;
		LOG(log, COUNTERS_LOST, path);
	}
	return c;
}

void
counters_free(struct counters *c)
{
	if (!c)
		return;
	if (c->changed)
		save_file(c);
	forget_all(c);
	free(c->path);
	free(c);
}

/* --- numbers ---------------------------------------------------------------------------------- */

static void
fingerprint_sa(const struct dp_sa *sa, uint8_t out[FINGERPRINT])
{
	static const char label[] = "testudo counter";
	const uint8_t kind[] = {(uint8_t)sa->suite.cipher, (uint8_t)sa->suite.auth,
	                        (uint8_t)(sa->spi >> 24),  (uint8_t)(sa->spi >> 16),
	                        (uint8_t)(sa->spi >> 8),   (uint8_t)sa->spi,
	                        (uint8_t)sa->enc_key.n};
	const struct span pieces[] = {SPAN(label, sizeof(label)), SPAN(kind, sizeof(kind)),
	                              sa->enc_key, sa->auth_key};
	uint8_t whole[64];

	hash_spans(HASH_SHA256, pieces, ARRAY_SIZE(pieces), whole);
	memcpy(out, whole, FINGERPRINT);
	explicit_bzero(whole, sizeof(whole));
}

/*
 * One that nobody uses gives way to one that comes. No more: groups that are cleared and come back
 * one after the other find all of their keys again. If it was used, it may come again, and what is
 * not here is no longer known to be unused.
 */
static void
make_room(struct counters *c)
{
	struct counter **at = &c->first, *k;
	size_t n = 0;

	for (k = c->first; k; k = k->next)
		n++;
	while (*at && (*at)->holders)
		at = &(*at)->next;
	if (n < COUNTERS_MAX || !*at)
		return;
	k = *at;
	*at = k->next;
	if (k->limit && c->complete) {
		c->complete = false;
		c->changed = true;
	}
	free(k);
}

struct counter *
counters_find(struct counters *c, const struct dp_sa *sa)
{
	struct counter **at = &c->first, *k, fresh = {.spi = sa->spi, .holders = 1};

	fingerprint_sa(sa, fresh.fingerprint);
	for (; (k = *at); at = &k->next)
		if (k->spi == sa->spi && !memcmp(k->fingerprint, fresh.fingerprint, FINGERPRINT)) {
			*at = k->next;
			k->holders++;
			return append_counter(c, k);
		}
	fresh.limit = c->complete ? 0 : sa->start;
	make_room(c);
	return append_counter(c, x_memdup(&fresh, sizeof(fresh)));
}

uint32_t
counter_last(const struct counter *k)
{
	return k->limit;
}

bool
counter_reserve(struct counters *c, struct counter *k, uint32_t n, uint32_t *used, uint32_t *limit,
                msec now)
{
	uint32_t before = k->limit, from = *used > before || *limit == before ? *used : before;

	if (from == UINT32_MAX || now - c->failed < RETRY)
		return false;
	k->limit = n < UINT32_MAX - from ? from + n : UINT32_MAX;
	if (k->limit < before)
		k->limit = before;
	c->changed = true;
	if (!save_file(c)) {
		k->limit = before;
		c->failed = now;
		if (now - c->noted >= LOG_INTERVAL) {
			c->noted = now;
			LOG(c->log, COUNTERS_UNWRITABLE, c->path);
		}
		return false;
	}
	*used = from;
	*limit = k->limit;
	return true;
}

void
counter_settle(struct counters *c, struct counter *k, uint32_t used, uint32_t limit)
{
	k->holders--;
	/* Unless somebody else has reserved behind it. */
	if (k->limit != limit || used >= limit)
		return;
	k->limit = used;
	c->changed = true;
}
