/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of the configuration, and changes that wait to be confirmed: see archive.h. */
#include "cli/device/archive.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/device/replace.h"
#include "cli/device/router_files.h"
#include "cli/files/files.h"
#include "compiler/base/clock.h"

#define MINUTES(n) (SECONDS(60) * (msec)(n))

struct archive {
	struct router *router;
	size_t n;
	char *names[ARCHIVE_MAX]; /* oldest first, as typed: "flash:archive-..." */
	unsigned serial;          /* of the next copy */
	struct node_alarm periodic;
	unsigned period; /* minutes, as the alarm was set; 0: it is not */

	struct archive_timer timer; /* of a change that waits; both 0: none */
	char *fallback;             /* the copy that would come back */
	struct text text;           /* a copy of its text in memory, which nobody can delete */
	char user[32];
	msec since, touched; /* when it began to wait; the last configuration line */
	int64_t wall;        /* when the timer was set, for display */
	bool warned;
	struct node_alarm revert;
};

static void on_period(void *arg, msec now);
static void on_revert(void *arg, msec now);

struct archive *
archive_new(struct router *r)
{
	struct archive *a = x_alloc(sizeof(*a));

	a->router = r;
	a->periodic = (struct node_alarm){.fire = on_period, .arg = a, .when = MSEC_NEVER};
	a->revert = (struct node_alarm){.fire = on_revert, .arg = a, .when = MSEC_NEVER};
	return a;
}

static void
forget_change(struct archive *a)
{
	a->timer = (struct archive_timer){0};
	free(a->fallback);
	a->fallback = NULL;
	text_fini(&a->text);
	node_alarm_set(router_node(a->router), &a->revert, MSEC_NEVER);
}

void
archive_crash(struct archive *a)
{
	while (a->n)
		free(a->names[--a->n]);
	forget_change(a);
	node_alarm_set(router_node(a->router), &a->periodic, MSEC_NEVER);
	a->period = a->serial = 0;
}

void
archive_free(struct archive *a)
{
	if (a)
		archive_crash(a);
	free(a);
}

/* --- as configured ---------------------------------------------------------------------------- */

static const struct tnode *
find_configured(const struct archive *a, enum gram_key key)
{
	const struct tnode *n = tnode_first(tree_top(router_tree(a->router)), KEY_ARCHIVE);

	return n ? tnode_first(n, key) : NULL;
}

static size_t
archive_maximum(const struct archive *a)
{
	const struct tnode *n = find_configured(a, KEY_ARCHIVE_MAXIMUM);

	return n ? tnode_u32(n, ARG_MAXIMUM) : ARCHIVE_MAXIMUM;
}

bool
archive_enabled(const struct archive *a)
{
	return find_configured(a, KEY_ARCHIVE_PATH) != NULL;
}

/* --- names ------------------------------------------------------------------------------------ */

/* "Nov-24-04-05-06.789-UTC": the local clock in characters that a file name may have. */
static void
put_timestamp(const struct archive *a, char *buf, size_t size)
{
	struct clock_zone zone;
	struct clock_time t;
	char stamp[32];

	router_zone(a->router, &zone);
	clock_local(&zone, router_wall(a->router), &t);
	strftime(stamp, sizeof(stamp), "%b-%e-%H-%M-%S", &t.tm);
	snprintf(buf, size, "%s.%03u-%s", stamp, t.milli, t.zone);
	for (char *p = buf; *p; p++)
		if (*p == ' ' || *p == '/')
			*p = '-';
}

/* The path with $h and $t in it written out, and a time and a number behind it. */
static char *
name_with(const struct archive *a, const char *time)
{
	const struct tnode *n = find_configured(a, KEY_ARCHIVE_PATH);
	const char *path = n ? tnode_str(n, ARG_PATH) : "";
	struct text t = TEXT_INIT;
	bool timed = false;
	char *name;

	for (; *path; path++) {
		if (!strncmp(path, "$h", 2)) {
			text_puts(&t, router_hostname(a->router));
			path++;
		} else if (!strncmp(path, "$t", 2)) {
			text_puts(&t, time);
			timed = true;
			path++;
		} else {
			text_add(&t, path, 1);
		}
	}
	name = timed ? x_asprintf("%s-%u", text_string(&t), a->serial)
	             : x_asprintf("%s-%s-%u", text_string(&t), time, a->serial);
	text_fini(&t);
	return name;
}

/* --- copies ----------------------------------------------------------------------------------- */

static void
drop_oldest(struct archive *a)
{
	struct file_name n;

	if (file_name_parse(a->names[0], &n) == FILE_FLASH)
		files_remove(router_files(a->router), n.name);
	free(a->names[0]);
	memmove(a->names, a->names + 1, (a->n - 1) * sizeof(a->names[0]));
	a->n--;
}

int
archive_save(struct archive *a, const char **ret_name)
{
	struct text text = TEXT_INIT;
	struct file_name parsed;
	char stamp[64], *name;
	int error;

	if (!archive_enabled(a))
		return -EINVAL;
	put_timestamp(a, stamp, sizeof(stamp));
	name = name_with(a, stamp);
	/* A copy cannot go to the running or the startup configuration. */
	error = file_name_parse(name, &parsed) == FILE_FLASH ? 0
	        : parsed.kind == FILE_REMOTE                 ? -EOPNOTSUPP
	                                                     : -EINVAL;
	if (!error)
		error = router_file_read(a->router, "system:running-config", &text);
	if (!error)
		error = router_file_write(a->router, name, SPAN(text.p, text.n));
	text_fini(&text);
	if (error) {
		free(name);
		return error;
	}
	a->serial++;
	while (a->n >= archive_maximum(a))
		drop_oldest(a);
	a->names[a->n++] = name;
	*ret_name = name;
	return 0;
}

static void
save_and_log(struct archive *a)
{
	struct log_sink sink = router_log_sink(a->router);
	const char *name;
	int error = archive_save(a, &name);

	if (error)
		LOG(&sink, ARCHIVE_FAILED, file_error(error));
}

void
archive_written(struct archive *a)
{
	if (archive_enabled(a) && find_configured(a, KEY_ARCHIVE_WRITE_MEMORY))
		save_and_log(a);
}

/* --- periodic --------------------------------------------------------------------------------- */

static unsigned
period_minutes(const struct archive *a)
{
	const struct tnode *n = find_configured(a, KEY_ARCHIVE_TIME_PERIOD);

	return n && archive_enabled(a) ? tnode_u32(n, ARG_MINUTES) : 0;
}

static void
start_period(struct archive *a)
{
	struct node *node = router_node(a->router);

	node_alarm_set(node, &a->periodic,
	               a->period ? node_now(node) + MINUTES(a->period) : MSEC_NEVER);
}

static void
on_period(void *arg, msec now)
{
	struct archive *a = arg;

	(void)now;
	save_and_log(a);
	start_period(a);
}

/* --- showing ---------------------------------------------------------------------------------- */

void
archive_state(const struct archive *a, struct archive_state *ret)
{
	*ret = (struct archive_state){
	    .maximum = archive_maximum(a),
	    .period = a->period,
	    .left = a->period ? a->periodic.when - node_now(router_node(a->router)) : 0,
	    .on_write = find_configured(a, KEY_ARCHIVE_WRITE_MEMORY) != NULL,
	    .n = a->n,
	    .names = (const char *const *)a->names,
	};
}

char *
archive_next_name(const struct archive *a)
{
	return name_with(a, "<timestamp>");
}

/* --- changes to be confirmed ------------------------------------------------------------------ */

static msec
earlier_of(msec a, msec b)
{
	return a < b ? a : b;
}

static msec
confirm_deadline(const struct archive *a)
{
	msec by_timer = a->timer.minutes ? a->since + MINUTES(a->timer.minutes) : MSEC_NEVER;
	msec by_idle = a->timer.idle ? a->touched + MINUTES(a->timer.idle) : MSEC_NEVER;

	return earlier_of(by_timer, by_idle);
}

static void
warn_rollback(struct archive *a)
{
	struct log_sink sink = router_log_sink(a->router);

	a->warned = true;
	if (a->timer.minutes)
		LOG(&sink, ROLLBK_WARNING_ABS, a->fallback);
	else
		LOG(&sink, ROLLBK_WARNING_IDLE, a->fallback);
}

/* Wakes for the warning, a minute before, and for the end. */
static void
start_timer(struct archive *a)
{
	struct node *node = router_node(a->router);
	msec end = confirm_deadline(a), warning = end - MINUTES(1);

	if (!a->warned && warning <= node_now(node))
		warn_rollback(a);
	node_alarm_set(node, &a->revert, a->warned ? end : warning);
}

static void
begin_timer(struct archive *a, struct archive_timer timer, const char *user)
{
	struct log_sink sink = router_log_sink(a->router);

	a->timer = timer;
	a->since = a->touched = node_now(router_node(a->router));
	a->wall = router_wall(a->router);
	a->warned = false;
	snprintf(a->user, sizeof(a->user), "%s", user);
	if (timer.minutes)
		LOG(&sink, ROLLBK_START_ABS, a->user, a->fallback, timer.minutes);
	if (timer.idle)
		LOG(&sink, ROLLBK_START_IDLE, a->user, a->fallback, timer.idle);
	start_timer(a);
}

int
archive_await(struct archive *a, struct archive_timer timer, const char *user, struct text *out)
{
	struct log_sink sink = router_log_sink(a->router);
	const char *name;
	int error = archive_save(a, &name);

	if (error)
		return error;
	forget_change(a);
	a->fallback = x_strdup(name);
	router_file_read(a->router, "system:running-config", &a->text);
	text_printf(out, "Rollback Confirmed Change: Backing up current running config to %s\n\n",
	            name);
	LOG(&sink, ROLLBK_BACKUP, name);
	begin_timer(a, timer, user);
	return 0;
}

bool
archive_confirm(struct archive *a, const char *user)
{
	struct log_sink sink = router_log_sink(a->router);

	if (!a->fallback)
		return false;
	LOG(&sink, ROLLBK_CONFIRM, user);
	forget_change(a);
	return true;
}

bool
archive_retime(struct archive *a, struct archive_timer timer, const char *user)
{
	if (!a->fallback)
		return false;
	begin_timer(a, timer, user);
	return true;
}

struct telling {
	struct text *out;
	unsigned pass;
};

static void
tell_command(void *arg, unsigned pass, const char *line)
{
	struct telling *t = arg;

	if (pass != t->pass)
		text_printf(t->out, "!Pass %u\n!List of Rollback Commands:\n", pass);
	t->pass = pass;
	text_printf(t->out, "%s\n", line);
}

/*
 * Replaces the running configuration by the copy, and tells every session: the one that made the
 * change may be cut off by it.
 */
bool
archive_revert(struct archive *a, struct text *out)
{
	struct log_sink sink = router_log_sink(a->router);
	struct telling telling = {.out = out};
	struct replacing result;
	struct tree *target;

	if (!a->fallback)
		return false;
	LOG(&sink, ROLLBK_ROLLBACK_START, a->fallback);
	text_printf(out, "Rollback Confirmed Change: rolling to:%s\n\n", a->fallback);
	target = router_tree_new(a->router);
	load_trial(a->router, target, text_string(&a->text), NULL, NULL);
	result = replace_running(a->router, target, tell_command, NULL, &telling);
	tree_free(target);
	forget_change(a);
	text_printf(out, "\nTotal number of passes: %u\n%s\n", result.passes,
	            result.done ? "Rollback Done\n" : "% Rollback failed\n");
	if (result.done)
		LOG(&sink, CONFIG_R);
	return true;
}

static void
on_revert(void *arg, msec now)
{
	struct archive *a = arg;
	struct text out = TEXT_INIT;

	if (now < confirm_deadline(a)) {
		start_timer(a); /* it is time for the warning, or somebody has typed since */
		return;
	}
	archive_revert(a, &out);
	if (out.n)
		out.p[out.n - 1] = 0; /* a notification brings its own line end */
	router_notify(a->router, text_string(&out));
	text_fini(&out);
}

void
archive_touched(struct archive *a)
{
	if (period_minutes(a) != a->period) {
		a->period = period_minutes(a);
		start_period(a);
	}
	a->touched = node_now(router_node(a->router));
	if (a->fallback && a->timer.idle) {
		a->warned = a->warned && a->timer.minutes;
		start_timer(a);
	}
}

bool
archive_change(const struct archive *a, struct archive_change *ret)
{
	if (a->fallback)
		*ret = (struct archive_change){a->timer, a->user, a->wall};
	return a->fallback != NULL;
}
