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

static bool
replace_or_revert(struct router *r, const struct tree *target)
{
	struct tree *before = tree_clone(router_tree(r));
	struct replacing result = replace_running(r, target, NULL, NULL, NULL);

	if (!result.done)
		replace_running(r, before, NULL, NULL, NULL);
	tree_free(before);
	return result.done;
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
	else if (!replace_or_revert(r, target))
		why = "the running configuration cannot become what it says";
	tree_free(target);
	if (why)
		run_reload_refuse(r, path, why);
	else
		LOG(&sink, CONFIG_I_FROM, path, "SIGHUP");
	return !why;
}
