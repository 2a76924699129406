/* SPDX-License-Identifier: Apache-2.0 */
/* How the configuration wants times and lines of the log: see router.h. */
#include <stdio.h>
#include <string.h>

#include "cli/device/router.h"
#include "compiler/tree/tree_clock.h"

#define LOG_INFORMATIONAL 6

const char *const log_level_names[LOG_LEVELS] = {"emergencies",   "alerts",   "critical",
                                                 "errors",        "warnings", "notifications",
                                                 "informational", "debugging"};

static const struct tree *
tree_of(const struct router *r)
{
	return router_tree((struct router *)(uintptr_t)r);
}

/* --- times ------------------------------------------------------------------------------------ */

void
router_zone(const struct router *r, struct clock_zone *ret)
{
	tree_clock_zone(tree_of(r), ret);
}

const char *
router_clock_text(const struct router *r, int64_t wall, char buf[static CLOCK_TEXT_MAX])
{
	struct clock_zone zone;

	router_zone(r, &zone);
	return clock_text(&zone, wall, buf);
}

void
router_log_stamp(const struct router *r, bool debug, char buf[static ROUTER_STAMP_MAX])
{
	const struct tnode *n = tnode_named(tree_top(tree_of(r)), KEY_SERVICE_TIMESTAMPS, ARG_WHAT,
	                                    debug ? "debug" : "log");
	struct clock_zone zone = clock_utc;
	struct clock_time t;
	char milli[8] = "", format[32];
	size_t length;

	if (n && tnode_has(n, ARG_LOCALTIME))
		router_zone(r, &zone);
	clock_local(&zone, router_wall(r), &t);
	if (!n || tnode_has(n, ARG_MSEC))
		snprintf(milli, sizeof(milli), ".%03u", t.milli);
	snprintf(format, sizeof(format), "%%b %%e %s%%H:%%M:%%S",
	         n && tnode_has(n, ARG_YEAR) ? "%Y " : "");
	length = strftime(buf, ROUTER_STAMP_MAX, format, &t.tm);
	snprintf(buf + length, ROUTER_STAMP_MAX - length, "%s%s%s", milli,
	         n && tnode_has(n, ARG_ZONE) ? " " : "", n && tnode_has(n, ARG_ZONE) ? t.zone : "");
}

/* --- severities ------------------------------------------------------------------------------- */

int
router_log_level(const struct router *r, enum log_to to)
{
	static const enum gram_key keys[] = {[LOG_TO_BUFFER] = KEY_LOGGING_BUFFERED,
	                                     [LOG_TO_CONSOLE] = KEY_LOGGING_CONSOLE,
	                                     [LOG_TO_MONITOR] = KEY_LOGGING_MONITOR,
	                                     [LOG_TO_TRAP] = KEY_LOGGING_TRAP};
	const int otherwise = to == LOG_TO_TRAP ? LOG_INFORMATIONAL : LOG_LEVELS - 1;
	const struct tnode *n = tnode_first(tree_top(tree_of(r)), keys[to]);
	const char *word = n ? tnode_str(n, ARG_LEVEL) : NULL;

	if (!n)
		return otherwise;
	if (tnode_negated(n))
		return -1;
	for (int i = 0; word && i < LOG_LEVELS; i++)
		if (!strcmp(log_level_names[i], word))
			return i;
	return tnode_has(n, ARG_SEVERITY) ? (int)tnode_u32(n, ARG_SEVERITY) : otherwise;
}
