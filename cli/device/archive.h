/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The archive of configurations (`archive`), and changes that must be confirmed: the router
 * archives the configuration before the change, and restores it when nobody types `configure
 * confirm` in time.
 *
 * Each router owns one. A crash makes it forget what was archived; the files stay.
 */
#ifndef TESTUDO_ARCHIVE_H
#define TESTUDO_ARCHIVE_H

#include "compiler/base/text.h"
#include "compiler/base/base.h"

struct archive;
struct router;

#define ARCHIVE_MAX     14 /* copies kept, as IOS */
#define ARCHIVE_MAXIMUM 10 /* where the configuration says nothing */

struct archive *archive_new(struct router *r);
void archive_free(struct archive *a); /* NULL is fine */
/* The router loses power: names, timers and a change that waits are forgotten. */
void archive_crash(struct archive *a);
/*
 * Call it when the configuration has changed: `time-period` may be another, and an idle timer
 * starts again.
 */
void archive_touched(struct archive *a);

/* --- copies ----------------------------------------------------------------------------------- */

bool archive_enabled(const struct archive *a); /* `path` is configured */
/* Saves the running configuration; 0, or -errno as in files.h. *ret_name: until the next call. */
int archive_save(struct archive *a, const char **ret_name);
/* After `write memory`: saves when `write-memory` says so. */
void archive_written(struct archive *a);

/* Names: the archive's, until it changes. */
struct archive_state {
	size_t maximum;
	unsigned period; /* minutes; 0: none */
	msec left;       /* of it */
	bool on_write;   /* `write memory` saves a copy, too */
	size_t n;
	const char *const *names; /* oldest first */
};
void archive_state(const struct archive *a, struct archive_state *ret);
char *archive_next_name(const struct archive *a); /* with "<timestamp>" in it; the caller frees */

/* --- changes to be confirmed ------------------------------------------------------------------ */

/*
 * Minutes; 0: none. The first timer that runs out restores the configuration; idle counts from the
 * last configuration line.
 */
struct archive_timer {
	unsigned minutes, idle;
};

/*
 * Archives the running configuration and begins to wait; 0 or -errno. Tells `out` what it does, as
 * a router does. user: who shall confirm.
 */
int archive_await(struct archive *a, struct archive_timer timer, const char *user,
                  struct text *out);
/* False: nothing waits. */
bool archive_confirm(struct archive *a, const char *user);
bool archive_retime(struct archive *a, struct archive_timer timer, const char *user);
bool archive_revert(struct archive *a, struct text *out); /* now */

struct archive_change {
	struct archive_timer timer;
	const char *user; /* the archive's */
	int64_t set;      /* when, of the wall clock */
};
bool archive_change(const struct archive *a, struct archive_change *ret); /* false: none waits */

#endif
