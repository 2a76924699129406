/* SPDX-License-Identifier: Apache-2.0 */
/* See reload.h. */
#include "cli/device/reload.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/device/config_log.h"
#include "cli/device/router.h"

#define SECONDS(n) ((msec)(n)*1000)

static const unsigned warnings[] = {3600, 1800, 300, 60}; /* seconds before */

struct reload {
	struct router *router;
	struct node_alarm alarm;
	msec when; /* the node's; MSEC_NEVER: none is scheduled */
	char reason[RELOAD_REASON_MAX + 1], by[CONFIG_LOG_WHO];
};

static void
tell_users(struct router *r, const char *what)
{
	char text[128];

	snprintf(text, sizeof(text), "\n***\n*** --- %s ---\n***", what);
	router_tell(r, text);
}

/* The next moment at which something is to be said or done. */
static msec
next_moment(const struct reload *rl, msec now)
{
	for (size_t i = 0; i < ARRAY_SIZE(warnings); i++)
		if (rl->when - SECONDS(warnings[i]) > now)
			return rl->when - SECONDS(warnings[i]);
	return rl->when;
}

static void
on_moment(void *arg, msec now)
{
	struct reload *rl = arg;
	unsigned left = (unsigned)((rl->when - now) / 1000);
	char what[64];

	if (now >= rl->when) {
		tell_users(rl->router, "SHUTDOWN NOW");
		reload_now(rl->router, rl->reason);
		return;
	}
	snprintf(what, sizeof(what), "SHUTDOWN in %u:%02u:%02u", left / 3600, left / 60 % 60,
	         left % 60);
	tell_users(rl->router, what);
	node_alarm_set(router_node(rl->router), &rl->alarm, next_moment(rl, now));
}

struct reload *
reload_new(struct router *r)
{
	struct reload *rl = x_alloc(sizeof(*rl));

	*rl = (struct reload){.router = r, .when = MSEC_NEVER};
	rl->alarm = (struct node_alarm){.fire = on_moment, .arg = rl, .when = MSEC_NEVER};
	return rl;
}

void
reload_free(struct reload *rl)
{
	if (rl)
		reload_crash(rl);
	free(rl);
}

void
reload_crash(struct reload *rl)
{
	rl->when = MSEC_NEVER;
	node_alarm_set(router_node(rl->router), &rl->alarm, MSEC_NEVER);
}

void
reload_now(struct router *r, const char *reason)
{
	struct log_sink sink = router_log_sink(r);

	LOG(&sink, RELOAD, reason && *reason ? reason : "Reload Command");
	router_crash(r);
	router_boot(r);
}

/* --- scheduling ------------------------------------------------------------------------------- */

static void
log_schedule(const struct reload *rl, int64_t wall)
{
	struct log_sink sink = router_log_sink(rl->router);
	char then[CLOCK_TEXT_MAX], now[CLOCK_TEXT_MAX];
	struct clock_zone zone;

	router_zone(rl->router, &zone);
	LOG(&sink, RELOAD_SCHEDULED, clock_text_seconds(&zone, wall, then),
	    clock_text_seconds(&zone, router_wall(rl->router), now), rl->by,
	    *rl->reason ? " Reload Reason: " : "", rl->reason, *rl->reason ? "." : "");
}

void
reload_schedule(struct reload *rl, msec when, const char *reason, const char *by)
{
	struct node *node = router_node(rl->router);
	msec now = node_now(node);

	rl->when = when > now ? when : now;
	snprintf(rl->reason, sizeof(rl->reason), "%s", reason ? reason : "");
	snprintf(rl->by, sizeof(rl->by), "%s", by);
	log_schedule(rl, router_wall(rl->router) + rl->when - now);
	node_alarm_set(node, &rl->alarm, next_moment(rl, now));
}

bool
reload_cancel(struct reload *rl, const char *by)
{
	struct log_sink sink = router_log_sink(rl->router);
	char now[CLOCK_TEXT_MAX];
	struct clock_zone zone;

	if (rl->when == MSEC_NEVER)
		return false;
	reload_crash(rl);
	tell_users(rl->router, "SHUTDOWN ABORTED");
	router_zone(rl->router, &zone);
	LOG(&sink, RELOAD_CANCELLED, clock_text_seconds(&zone, router_wall(rl->router), now), by);
	return true;
}

/* --- text ------------------------------------------------------------------------------------- */

static void
put_part(struct text *t, unsigned count, const char *unit, bool *first)
{
	if (!count)
		return;
	text_printf(t, "%s%u %s%s", *first ? "" : " and ", count, unit, count == 1 ? "" : "s");
	*first = false;
}

/* "10 minutes", "1 hour and 5 minutes", "9 minutes and 50 seconds" */
static void
put_delay(struct text *t, msec delay)
{
	unsigned s = (unsigned)(delay / 1000);
	bool first = true;

	if (s >= 3600)
		s = (s + 30) / 60 * 60;
	put_part(t, s / 3600, "hour", &first);
	put_part(t, s / 60 % 60, "minute", &first);
	if (s < 3600)
		put_part(t, s % 60, "second", &first);
	if (first)
		text_puts(t, "0 seconds");
}

void
reload_text(struct router *r, msec when, const char *reason, const char *by, struct text *ret)
{
	msec now = node_now(router_node(r)), delay = when > now ? when - now : 0;
	char clock[CLOCK_TEXT_MAX];
	struct clock_zone zone;

	router_zone(r, &zone);
	text_printf(ret, "Reload scheduled for %s (in ",
	            clock_text_seconds(&zone, router_wall(r) + delay, clock));
	put_delay(ret, delay);
	text_printf(ret, ") by %s\n", by);
	if (reason && *reason)
		text_printf(ret, "Reload reason: %s\n", reason);
}

void
reload_show(const struct reload *rl, struct text *ret)
{
	if (rl->when == MSEC_NEVER)
		text_puts(ret, "No reload is scheduled.\n");
	else
		reload_text(rl->router, rl->when, rl->reason, rl->by, ret);
}

msec
reload_when(const struct reload *rl)
{
	return rl->when;
}

const char *
reload_reason(const struct reload *rl)
{
	return rl->reason;
}

const char *
reload_by(const struct reload *rl)
{
	return rl->by;
}
