/* SPDX-License-Identifier: Apache-2.0 */
/* `reload`: at once, later, or not at all; with IOS's questions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/device/reload.h"
#include "cli/exec/exec.h"
#include "cli/exec/exec_files.h"
#include "compiler/tree/tree_clock.h"

#define DAY_MS   ((msec)24 * 3600 * 1000)
#define SAVE_ASK "System configuration has been modified. Save? [yes/no]: "

/* What is asked for; the question's answer owns it. */
struct order {
	bool later;
	msec when;    /* of the node's clock */
	char *reason; /* NULL: none */
};

static void
free_order(struct order *o)
{
	free(o->reason);
	free(o);
}

static void
who_orders(const struct shell *sh, char buf[static CONFIG_LOG_WHO])
{
	if (*shell_user(sh))
		shell_who(sh, buf);
	else
		shell_where(sh, buf);
}

/* --- questions -------------------------------------------------------------------------------- */

static void
proceed_answer(struct shell *sh, const char *line, void *state)
{
	struct router *r = shell_router(sh);
	struct order *o = state;
	char by[CONFIG_LOG_WHO];
	bool yes = exec_confirmed(line);

	if (yes && o->later) {
		who_orders(sh, by);
		reload_schedule(router_reload(r), o->when, o->reason, by);
	}
	if (yes && !o->later)
		reload_now(r, o->reason); /* ends this session, too */
	free_order(o);
}

static void
ask_proceed(struct shell *sh, struct order *take_o)
{
	struct text t = TEXT_INIT;
	char by[CONFIG_LOG_WHO];

	who_orders(sh, by);
	if (take_o->later)
		reload_text(shell_router(sh), take_o->when, take_o->reason, by, &t);
	shell_puts(sh, text_string(&t));
	text_fini(&t);
	shell_ask(sh, "Proceed with reload? [confirm]", proceed_answer, take_o);
}

static void
save_answer(struct shell *sh, const char *line, void *state)
{
	size_t n = line ? strlen(line) : 0;
	bool yes = n && !strncasecmp("yes", line, n);

	if (!line) {
		free_order(state);
	} else if (!yes && (!n || strncasecmp("no", line, n))) {
		shell_refuse(sh);
		shell_puts(sh, "% Please answer 'yes' or 'no'.\n");
		shell_ask(sh, SAVE_ASK, save_answer, state);
	} else {
		if (yes)
			exec_save(sh);
		ask_proceed(sh, state);
	}
}

static void
begin_order(struct shell *sh, const struct order *order)
{
	struct order *o = x_memdup(order, sizeof(*order));

	if (router_modified(shell_router(sh)))
		shell_ask(sh, SAVE_ASK, save_answer, o);
	else
		ask_proceed(sh, o);
}

/* --- the commands ----------------------------------------------------------------------------- */

void
exec_reload(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	if (!shell_refuse_loading(sh))
		begin_order(sh, &(struct order){0});
}

static void
begin_later(struct shell *sh, const struct command *cmd, msec delay)
{
	const char *reason = command_str(cmd, ARG_REASON);
	struct order o = {.later = true, .when = node_now(router_node(shell_router(sh))) + delay};

	if (delay > RELOAD_MAX) {
		shell_refuse(sh);
		shell_puts(sh, "% A reload can be at most 24 days away\n");
		return;
	}
	if (reason)
		o.reason = x_asprintf("%.*s", RELOAD_REASON_MAX, reason);
	begin_order(sh, &o);
}

/* "90" minutes, "1:30" hours and minutes; false: it is neither. */
static bool
read_delay(const char *text, msec *ret)
{
	const size_t first = strspn(text, "0123456789");
	const char *colon = text[first] ? text + first : NULL;
	msec minutes = first && first <= 8 ? (msec)strtoul(text, NULL, 10) : -1;

	if (colon) {
		const size_t second = strspn(colon + 1, "0123456789");
		const unsigned long rest = strtoul(colon + 1, NULL, 10);

		if (*colon != ':' || !second || colon[1 + second] || rest > 59)
			return false;
		minutes = minutes < 0 ? -1 : minutes * 60 + (msec)rest;
	}
	*ret = minutes * 60 * 1000;
	return minutes >= 0;
}

void
exec_reload_in(struct shell *sh, const struct command *cmd)
{
	const struct value *typed = command_value(cmd, ARG_DELAY, 0);
	msec delay;

	if (shell_refuse_loading(sh))
		return;
	if (read_delay(typed->text, &delay))
		begin_later(sh, cmd, delay);
	else
		shell_refuse_at(sh, typed->column);
}

/* When the local clock next shows that time, and that day where one is named. */
static msec
delay_until(const struct router *r, const struct command *cmd)
{
	unsigned minute = command_u32(cmd, ARG_TIME);
	int64_t now = router_wall(r), then;
	struct clock_zone zone;
	struct clock_time t;

	router_zone(r, &zone);
	clock_local(&zone, now, &t);
	t.tm.tm_hour = (int)minute / 60;
	t.tm.tm_min = (int)minute % 60;
	t.tm.tm_sec = 0;
	if (command_has(cmd, ARG_DATE)) {
		t.tm.tm_mon = (int)tree_clock_month(command_str(cmd, ARG_MONTH));
		t.tm.tm_mday = (int)command_u32(cmd, ARG_DATE);
	}
	then = clock_wall(&zone, &t.tm);
	if (then <= now && command_has(cmd, ARG_DATE)) {
		t.tm.tm_year++;
		then = clock_wall(&zone, &t.tm);
	} else if (then <= now) {
		then += DAY_MS;
	}
	return then - now;
}

void
exec_reload_at(struct shell *sh, const struct command *cmd)
{
	if (!shell_refuse_loading(sh))
		begin_later(sh, cmd, delay_until(shell_router(sh), cmd));
}

void
exec_reload_cancel(struct shell *sh, const struct command *cmd)
{
	char by[CONFIG_LOG_WHO];

	(void)cmd;
	who_orders(sh, by);
	if (!reload_cancel(router_reload(shell_router(sh)), by)) {
		shell_refuse(sh);
		shell_puts(sh, "%No reload is scheduled.\n");
	}
}
