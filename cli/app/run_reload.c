/* SPDX-License-Identifier: Apache-2.0 */
/* See run_reload.h. */
#include "cli/app/run_reload.h"

#include <string.h>

#include "cli/device/replace.h"

#define REFUSED_TOLD 20 /* lines, one by one */

/* Whose lines are being refused. */
struct reading {
	struct router *router;
	const char *path;
	unsigned n;
};

/* The line's text is not logged: there may be a secret in it. */
static void
log_refusal(void *arg, const struct script_refusal *refusal)
{
	struct reading *reading = arg;
	struct log_sink sink = router_log_sink(reading->router);

	if (reading->n++ < REFUSED_TOLD)
		LOG(&sink, RELOAD_LINE, reading->path, refusal->line);
}

void
run_reload_refuse(struct router *r, const char *path, const char *why)
{
	struct log_sink sink = router_log_sink(r);

	LOG(&sink, RELOAD_REFUSED, path, why);
}

/* NULL: the running configuration is the target now. */
static const char *
replace_failed(struct router *r, const struct tree *target)
{
	struct replacing result = replace_whole(r, target, NULL, NULL, NULL);

	return result.done   ? NULL
	       : result.kept ? "the running configuration cannot become what it says"
	                     : "the running configuration became a part of it, and cannot become "
	                       "again what it was";
}

/* Is the last line that says something `end`? */
static bool
has_end(const char *text)
{
	size_t n = text ? strlen(text) : 0;

	while (n && strchr(" \t\r\n", text[n - 1]))
		n--;
	return n >= 3 && !strncmp(text + n - 3, "end", 3) && (n == 3 || text[n - 4] == '\n');
}

bool
run_reload(struct router *r, const char *path, const char *text)
{
	struct log_sink sink = router_log_sink(r);
	struct reading reading = {.router = r, .path = path};
	struct script_count count;
	struct tree *target;
	const char *why = NULL;

	if (!*text)
		why = "it is empty";
	else if (has_end(router_startup(r)) && !has_end(text))
		why = "its last line is not end, as it was before: it seems to be cut off";
	else if (router_is_loading(r))
		why = "another configuration is being loaded";
	if (why) {
		run_reload_refuse(r, path, why);
		return false;
	}
	target = router_tree_new(r);
	count = load_trial(r, target, text, log_refusal, &reading);
	if (count.refused)
		why = "lines in it are refused";
	else
		why = replace_failed(r, target);
	tree_free(target);
	if (why)
		run_reload_refuse(r, path, why);
	else
		LOG(&sink, CONFIG_I_FROM, path, "SIGHUP");
	return !why;
}
