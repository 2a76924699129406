/* SPDX-License-Identifier: Apache-2.0 */
/* `clock set`. */
#include "cli/exec/exec.h"

#include <errno.h>

#include "compiler/tree/tree_clock.h"

static void
log_update(struct shell *sh, int64_t from, int64_t to)
{
	struct router *r = shell_router(sh);
	struct log_sink sink = router_log_sink(r);
	char was[CLOCK_TEXT_MAX], is[CLOCK_TEXT_MAX];
	char who[CONFIG_LOG_WHO], where[CONFIG_LOG_WHO];

	shell_who(sh, who);
	shell_where(sh, where);
	LOG(&sink, CLOCK_UPDATE, router_clock_text(r, from, was), router_clock_text(r, to, is),
	    where, who);
}

void
exec_clock_set(struct shell *sh, const struct command *cmd)
{
	const unsigned month = tree_clock_month(command_str(cmd, ARG_MONTH));
	const unsigned day = command_u32(cmd, ARG_DATE), year = command_u32(cmd, ARG_YEAR);
	const int clock = (int)command_u32(cmd, ARG_CLOCK);
	struct tm tm = {.tm_year = (int)year - 1900,
	                .tm_mon = (int)month,
	                .tm_mday = (int)day,
	                .tm_sec = clock};
	struct router *r = shell_router(sh);
	int64_t before = router_wall(r), wall;
	struct clock_zone zone;

	if (!clock_is_day(year, month, day)) {
		shell_refuse(sh);
		shell_puts(sh, "% There is no such day\n");
		return;
	}
	router_zone(r, &zone);
	wall = clock_wall(&zone, &tm);
	if (router_set_wall(r, wall) == 0) {
		log_update(sh, before, wall);
		return;
	}
	shell_refuse(sh);
	shell_puts(sh,
	           "% The machine keeps this clock: set it there (timedatectl, date), or by what "
	           "sets it\n% from the network (chrony, systemd-timesyncd). The right to set it "
	           "is given up here: show testudo cage\n");
}
