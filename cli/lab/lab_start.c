/* SPDX-License-Identifier: Apache-2.0 */
/* What a node of a lab starts with, and what it keeps: see lab_start.h. */
#include "cli/lab/lab_start.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/device/load.h"
#include "cli/lab/lab_keep.h"
#include "runtime/crypto/secret.h"

/* --- startup ---------------------------------------------------------------------------------- */

static void
tell_refused(const struct lab_start *n, const char *file, unsigned line, const char *text)
{
	const struct lab_options *o = n->options;

	if (o->refused)
		o->refused(o->arg, n->spec->name, file, line, text);
}

struct startup {
	const struct lab_start *start;
	unsigned generated; /* lines before the file's own */
};

static void
startup_refused(void *arg, unsigned line, const char *text)
{
	struct startup *s = arg;

	tell_refused(
	    s->start, NULL,
	    line > s->generated ? s->start->spec->startup_line + line - s->generated - 1 : 0, text);
}

static unsigned
count_lines(const char *s, const char *end)
{
	unsigned n = 0;

	for (; s < end; s++)
		n += *s == '\n';
	return n;
}

static void
config_refused(void *arg, const struct script_refusal *refusal)
{
	const struct lab_start *n = arg;
	size_t i = refusal->line - 1;

	tell_refused(n, NULL, i < n->spec->n_config_lines ? n->spec->config_lines[i] : 0,
	             refusal->message);
}

static void
route_lost(void *arg, const struct lab_route *route, const char *why)
{
	char *text = x_asprintf("%% %s\n", why);

	tell_refused(arg, NULL, route->line, text);
	free(text);
}

struct late_routes {
	const struct lab_start *start;
	const unsigned *lines;
};

static void
route_refused(void *arg, unsigned line, const char *text)
{
	const struct late_routes *l = arg;

	tell_refused(l->start, NULL, l->lines[line - 1], text);
}

/* Routes that had to wait for what their interfaces are called; startup gets them, too. */
static void
start_routes(struct lab_start *n, struct text *startup)
{
	unsigned *lines = x_alloc((n->spec->n_routes + 1) * sizeof(*lines));
	struct late_routes late = {n, lines};
	struct text text = TEXT_INIT;

	if (lab_routes_text(n->spec, router_tree(n->router), &text, lines, route_lost, n))
		router_load(n->router, text_string(&text), route_refused, &late);
	if (startup->n && startup->p[startup->n - 1] != '\n')
		text_puts(startup, "\n");
	text_puts(startup, text_string(&text));
	text_fini(&text);
	free(lines);
}

static void
start_keys(struct lab_start *n)
{
	struct keystore *ks = keystore_new();

	if (keystore_read(ks, SPAN(n->spec->keys, strlen(n->spec->keys))))
		router_restore_keys(n->router, ks);
	keystore_free(ks);
}

/* --- what is kept ----------------------------------------------------------------------------- */

static void
kept_refused(void *arg, unsigned line, const char *text)
{
	const struct lab_start *n = arg;
	char *file = x_asprintf("%s/%s/" LAB_KEEP_STARTUP, n->options->keep, n->spec->name);

	tell_refused(n, file, line, text);
	free(file);
}

static void
tell_unread(const struct lab_start *n, const char *what, const char *why)
{
	char *file = x_asprintf("%s/%s/%s", n->options->keep, n->spec->name, what);
	char *text = x_asprintf("%s\n", why);

	tell_refused(n, file, 0, text);
	free(file);
	free(text);
}

/* Is a file there, and was it read? What is there and cannot be read is told. */
static bool
was_read(const struct lab_start *n, const char *what, int error)
{
	if (error && error != -ENOENT)
		tell_unread(n, what, strerror(-error));
	return !error;
}

/* The keys that were saved; false: there are none. */
static bool
start_kept_keys(struct lab_start *n)
{
	const char *dir = n->options->keep;
	struct keystore *ks = keystore_new();
	struct secret text = {0};
	bool kept =
	    dir && was_read(n, LAB_KEEP_KEYS, lab_keep_read_keys(dir, n->spec->name, &text));

	if (kept && keystore_read(ks, secret_span(&text)))
		router_restore_keys(n->router, ks);
	else if (kept)
		tell_unread(n, LAB_KEEP_KEYS, "no key pairs that can be read");
	secret_fini(&text);
	keystore_free(ks);
	return kept;
}

/* The startup configuration that was saved, in place of the topology's; false: there is none. */
static bool
start_kept(struct lab_start *n)
{
	const char *dir = n->options->keep;
	struct text text = TEXT_INIT;
	bool kept =
	    dir && was_read(n, LAB_KEEP_STARTUP, lab_keep_read_startup(dir, n->spec->name, &text));

	if (kept) {
		router_load(n->router, text_string(&text), kept_refused, n);
		router_set_startup(n->router, text_string(&text));
	}
	text_fini(&text);
	return kept;
}

int
lab_start_saved(struct lab_start *n)
{
	const char *dir = n->options->keep;
	int error;

	if (n->starting)
		return 0;
	error = dir ? lab_keep_write(dir, n->spec->name, router_startup(n->router),
	                             router_saved_keys(n->router))
	            : 0;
	n->saved |= !error;
	return error;
}

/* --- all of it -------------------------------------------------------------------------------- */

/* What the topology says. */
static void
start_text(struct lab_start *n)
{
	struct text startup = TEXT_INIT;
	struct startup s = {.start = n};

	lab_startup_text(n->spec, &startup);
	s.generated = count_lines(startup.p, startup.p + startup.n - strlen(n->spec->startup));
	router_load(n->router, text_string(&startup), startup_refused, &s);
	if (n->spec->config)
		load_text_indented(n->router, n->spec->config, config_refused, n);
	start_routes(n, &startup);
	/* With what the file has as YAML, the startup configuration is all that the node has. */
	if (n->spec->config) {
		text_clear(&startup);
		router_render_running(n->router, text_line, &startup);
	}
	router_set_startup(n->router, text_string(&startup));
	text_fini(&startup);
}

void
lab_start_node(struct lab_start *n)
{
	n->starting = true;
	if (!start_kept_keys(n) && n->spec->keys)
		start_keys(n);
	if (!start_kept(n))
		start_text(n);
	n->starting = false;
}
